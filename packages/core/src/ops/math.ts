import type { BinaryName, CompareOp, UnaryName } from "../ir/builder.ts";
import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkDType, type DType, isFloating } from "../types/dtype.ts";
import { broadcastShapes } from "../types/shape.ts";
import type { Broadcast, Fits, Settled, ShapeOf } from "../types/static/index.ts";
import { DTypeError } from "../util/errors.ts";
import { logarithmOfRest, logarithmOfSigmoid } from "./logOfSigmoid.ts";
import { logarithmOfSoftmax } from "./logOfSoftmax.ts";
import { broadcastOperands, floatingOperand, floatingOperands, numbers } from "./operands.ts";
import { typed, unary } from "./shaped.ts";
import type { Binary, Broadcast3, Unary } from "./typed.ts";

/** Integers and bool become float32 first. */
const elementary = (name: UnaryName): Unary => {
  const build = builder[name];
  return unary((x) => build(floatingOperand(name, x)));
};

/** Integers stay as they are. */
const arithmetic = (name: UnaryName): Unary => {
  const build = builder[name];
  return unary((x) => build(asTensor(x, name)));
};

/** Integers are whole already. */
const rounding = (name: UnaryName): Unary =>
  unary((x) => {
    const tensor = asTensor(x, name);
    return isFloating(tensor.dtype) ? builder[name](tensor) : tensor.node;
  });

const binary = <Op extends string>(operation: Op, name: BinaryName): Binary<Op> => {
  const build = builder[name];
  return typed<Op>((x, y) => {
    const both = numbers(operation, broadcastOperands(operation, [x, y]));
    return build(both[0], both[1]);
  });
};

/** For operations whose result is floating even for integers. */
const floatingBinary = <Op extends string>(operation: Op, name: BinaryName): Binary<Op> => {
  const build = builder[name];
  return typed<Op>((x, y) => {
    const both = floatingOperands(operation, [x, y]);
    return build(both[0], both[1]);
  });
};

const comparison = <Op extends CompareOp>(op: Op): Binary<Op> =>
  typed<Op>((x, y) => {
    const both = broadcastOperands(op, [x, y]);
    return builder.compare(op, both[0], both[1]);
  });

/** -x. Element by element. */
export const neg = arithmetic("neg");
/** |x|; the derivative at 0 is 0. Element by element. */
export const abs = arithmetic("abs");
/** -1, 0 or 1; NaN for NaN. Element by element. */
export const sign = arithmetic("sign");
/** e^x. Element by element. */
export const exp = elementary("exp");
/**
 * The natural logarithm. The logarithm of a softmax is computed as `logSoftmax`, that of a sigmoid as `logSigmoid`, also
 * through reshapes, transposes and slices, so that it is finite and has a gradient where they underflow.
 */
export const log = unary((x) => {
  const operand = floatingOperand("log", x);
  return logarithmOfSoftmax(operand.node) ?? logarithmOfSigmoid(operand.node) ?? builder.log(operand);
});
/** e^x - 1, accurate near 0. Element by element. */
export const expm1 = elementary("expm1");
/**
 * log(1 + x), accurate near 0. `log1p(neg(sigmoid(x)))` is computed as `logSigmoid(neg(x))`, as `log` does it. Element
 * by element.
 */
export const log1p = unary((x) => {
  const operand = floatingOperand("log1p", x);
  return logarithmOfRest(operand.node) ?? builder.log1p(operand);
});
/** 2^x. Element by element. */
export const exp2 = elementary("exp2");
/** The logarithm to base 2. Element by element. */
export const log2 = elementary("log2");
/** Sine of an angle in radians. Element by element. */
export const sin = elementary("sin");
/** Cosine of an angle in radians. Element by element. */
export const cos = elementary("cos");
/** Tangent of an angle in radians. Element by element. */
export const tan = elementary("tan");
/** Arcsine, in radians; NaN outside of [-1, 1]. */
export const asin = elementary("asin");
/** Arccosine, in radians; NaN outside of [-1, 1]. */
export const acos = elementary("acos");
/** Arctangent, in radians. Element by element. */
export const atan = elementary("atan");
/** Hyperbolic sine. Element by element. */
export const sinh = elementary("sinh");
/** Hyperbolic cosine. Element by element. */
export const cosh = elementary("cosh");
/** Hyperbolic tangent. Element by element. */
export const tanh = elementary("tanh");
/** Inverse hyperbolic sine. Element by element. */
export const asinh = elementary("asinh");
/** Inverse hyperbolic cosine; NaN below 1. Element by element. */
export const acosh = elementary("acosh");
/** Inverse hyperbolic tangent; NaN outside of [-1, 1]. */
export const atanh = elementary("atanh");
/** 1 / (1 + e^-x); value and derivatives stay accurate at extreme x. Element by element. */
export const sigmoid = elementary("sigmoid");
/** The error function. Element by element. */
export const erf = elementary("erf");
/** 1 - erf(x), accurate for large x. Element by element. */
export const erfc = elementary("erfc");
/** The inverse of erf; infinite at -1 and 1, NaN beyond. Element by element. */
export const erfinv = elementary("erfinv");
/** The square root; NaN for negative x. Element by element. */
export const sqrt = elementary("sqrt");
/** The cube root. Element by element. */
export const cbrt = elementary("cbrt");
/** The largest whole number not above x. Its derivative is 0. Element by element. */
export const floor = rounding("floor");
/** The smallest whole number not below x. Its derivative is 0. Element by element. */
export const ceil = rounding("ceil");
/** The nearest whole number, halves to even. Its derivative is 0. Element by element. */
export const round = rounding("round");
/** x without its fraction. Its derivative is 0. Element by element. */
export const trunc = rounding("trunc");
/** True where x is NaN. Element by element. */
export const isNaN = unary((x) => builder.isNaN(floatingOperand("isNaN", x)));
/** x * x. Element by element. */
export const square = unary((x) => {
  const [tensor] = numbers("square", [asTensor(x, "square")]);
  return builder.mul(tensor, tensor);
});
/** 1 / x. Element by element. */
export const reciprocal = unary((x) => builder.div(1, floatingOperand("reciprocal", x)));

/** x + y, with broadcasting. */
export const add = binary("add", "add");
/** x - y, with broadcasting. */
export const sub = binary("sub", "sub");
/** x * y, element by element, with broadcasting. */
export const mul = binary("mul", "mul");
/** x / y, with broadcasting; integers give float32. */
export const div = floatingBinary("div", "div");
/** The remainder with the divisor's sign, with broadcasting; 0 for integers divided by 0. */
export const mod = binary("mod", "mod");
/** The angle of the point (x, y) in radians, in (-pi, pi], with broadcasting. */
export const atan2 = floatingBinary("atan2", "atan2");
/**
 * The greater of both, NaN if one is; a tie gives each side half of the gradient. Element by element, with broadcasting.
 */
export const maximum = binary("maximum", "max");
/**
 * The smaller of both, NaN if one is; a tie gives each side half of the gradient. Element by element, with broadcasting.
 */
export const minimum = binary("minimum", "min");

/** Exponents that are part of the graph, so that the derivatives of a square or a root are those of the textbook. */
const LITERAL_EXPONENTS = new Set([-2, -1, -0.5, 0, 0.5, 1, 2, 3, 4]);

/** x^y, with broadcasting; integers give float32. IEEE 754: pow(1, NaN) = 1. */
export const pow = typed<"pow">((x, y) => {
  if (typeof y === "number" && LITERAL_EXPONENTS.has(y) && typeof x !== "number") {
    const base = floatingOperand("pow", x);
    return builder.pow(base, builder.literal(y, base));
  }
  const [base, exponent] = floatingOperands("pow", [x, y]);
  return builder.pow(base, exponent);
});

/** x = y, element by element, as bool; false for NaN. */
export const equal = comparison("equal");
/** x != y, element by element, as bool; true for NaN. */
export const notEqual = comparison("notEqual");
/** x < y, element by element, as bool. */
export const less = comparison("less");
/** x <= y, element by element, as bool. */
export const lessEqual = comparison("lessEqual");
/** x > y, element by element, as bool. */
export const greater = comparison("greater");
/** x >= y, element by element, as bool. */
export const greaterEqual = comparison("greaterEqual");

const logical = (operation: string, x: TensorLike): Tensor => {
  const tensor = asTensor(x, operation);
  if (tensor.dtype === "bool") return tensor;
  throw new DTypeError(`dtype ${tensor.dtype} is not bool`, {
    operation,
    dtypes: [tensor.dtype],
    remedy: "Compare first, such as x.notEqual(0)",
  });
};

const logicalBinary = <Op extends string>(operation: Op, op: "and" | "or" | "xor"): Binary<Op> =>
  typed<Op>((x, y) => {
    const [left, right] = broadcastOperands(operation, [logical(operation, x), logical(operation, y)]);
    return builder.bitwise(op, left, right);
  });

/** True where both are. Element by element, with broadcasting. @throws DTypeError unless both are bool */
export const logicalAnd = logicalBinary("logicalAnd", "and");
/** True where one or both are. Element by element, with broadcasting. @throws DTypeError unless both are bool */
export const logicalOr = logicalBinary("logicalOr", "or");
/** True where exactly one is. Element by element, with broadcasting. @throws DTypeError unless both are bool */
export const logicalXor = logicalBinary("logicalXor", "xor");
/** True where x is false. Element by element. @throws DTypeError unless x is bool */
export const logicalNot = unary((x) => builder.not(logical("logicalNot", x)));

/**
 * x where the condition is true, else y, with broadcasting. What is not chosen has no influence, on gradients either:
 * `where(x.greater(0), x.log(), 0)` has the right gradient at x <= 0.
 */
export function where<C extends TensorLike, X extends TensorLike, Y extends TensorLike>(
  condition: C,
  x: X & Fits<Broadcast<"where", ShapeOf<C>, ShapeOf<X>>>,
  y: Y & Fits<Broadcast3<"where", C, X, Y>>,
): Tensor<Settled<Broadcast3<"where", C, X, Y>>>;
export function where(condition: TensorLike, x: TensorLike, y: TensorLike): Tensor {
  const mask = logical("where", condition);
  const [left, right] = broadcastOperands("where", [x, y]);
  const shape = broadcastShapes("where", mask.shape, left.shape);
  return builder.where(
    builder.broadcast(mask, shape),
    builder.broadcast(left, shape),
    builder.broadcast(right, shape),
  );
}

/** x limited to [low, high]; the derivative is 1 inside and at the bounds, 0 outside. */
export function clip<X extends TensorLike, L extends TensorLike, H extends TensorLike>(
  x: X,
  low: L & Fits<Broadcast<"clip", ShapeOf<X>, ShapeOf<L>>>,
  high: H & Fits<Broadcast3<"clip", X, L, H>>,
): Tensor<Settled<Broadcast3<"clip", X, L, H>>>;
export function clip(x: TensorLike, low: TensorLike, high: TensorLike): Tensor {
  const [value, floorValue, ceiling] = broadcastOperands("clip", [x, low, high]);
  const raised = builder.where(builder.compare("less", value, floorValue), floorValue, value);
  return builder.where(builder.compare("greater", raised, ceiling), ceiling, raised);
}

/**
 * x with another dtype: floating to integer toward zero, anything to bool by comparison with 0. Element by element.
 */
export function cast<X extends TensorLike>(x: X, dtype: DType): Tensor<ShapeOf<X>>;
export function cast(x: TensorLike, dtype: DType): Tensor {
  return builder.cast(asTensor(x, "cast"), checkDType(dtype, "cast"));
}
