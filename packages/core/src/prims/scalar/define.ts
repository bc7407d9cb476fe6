import { apply, commonDType } from "../../ir/apply.ts";
import { callForm, type Form, latexCall } from "../../ir/form.ts";
import {
  type BatchRule,
  type Derivative,
  definePrimitive,
  type ElementwiseRule,
  type Primitive,
  type ReferenceFunction,
} from "../../ir/primitive.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { type DType, isFloating } from "../../types/dtype.ts";
import { formatShape, type Shape, sameShape } from "../../types/shape.ts";
import { DTypeError, ShapeError } from "../../util/errors.ts";

export type NoParams = Record<string, never>;
export const NO_PARAMS: NoParams = Object.freeze({});

/** Which dtypes an operation accepts. */
export type Accepts = "floating" | "integer" | "numeric" | "logical" | "any";

const ACCEPTED: Record<Accepts, { test: (dtype: DType) => boolean; remedy: string }> = {
  floating: { test: isFloating, remedy: "Cast to float32 or float64" },
  integer: { test: (dtype) => dtype === "int32" || dtype === "uint32", remedy: "Cast to int32 or uint32" },
  numeric: { test: (dtype) => dtype !== "bool", remedy: "Cast to int32 or float32" },
  logical: {
    test: (dtype) => !isFloating(dtype),
    remedy: "Compare first, or cast to bool or an integer dtype",
  },
  any: { test: () => true, remedy: "" },
};

/** @throws DTypeError unless `dtype` is among the accepted ones */
export function checkAccepts(operation: string, dtype: DType, accepts: Accepts): void {
  const { test, remedy } = ACCEPTED[accepts];
  if (!test(dtype))
    throw new DTypeError(`dtype ${dtype} is not accepted`, { operation, dtypes: [dtype], remedy });
}

/** The one shape of all operands: primitives never broadcast. @throws ShapeError */
export function equalShapes(operation: string, inputs: readonly Tensor[]): Shape {
  const { shape } = inputs[0];
  for (let i = 1; i < inputs.length; i++) {
    if (!sameShape(inputs[i].shape, shape)) {
      throw new ShapeError(`operands have shapes ${inputs.map((x) => formatShape(x.shape)).join(" and ")}`, {
        operation,
        shapes: inputs.map((x) => x.shape),
        remedy: "Broadcast them to one shape first",
      });
    }
  }
  return shape;
}

interface ScalarFacts {
  readonly name: string;
  readonly accepts: Accepts;
  /** The dtype of the result where it is not the operands'. */
  readonly result?: DType;
  readonly derivative: Derivative<NoParams>;
  readonly text?: Form<object>;
  readonly latex?: Form<object>;
}

/** Rules, one for each operand. */
export const elementwise = (...rules: readonly ElementwiseRule<NoParams>[]): Derivative<NoParams> => ({
  kind: "elementwise",
  rules,
});

export const none: Derivative<NoParams> = { kind: "none" };

function scalar(facts: ScalarFacts, reference: ReferenceFunction<NoParams>): Primitive<NoParams> {
  const { name, accepts, result, derivative } = facts;
  const batch: BatchRule<NoParams> = "same";
  return definePrimitive<NoParams>({
    name,
    shape: (inputs) => equalShapes(name, inputs),
    dtype: (inputs) => {
      const dtype = commonDType(name, inputs);
      checkAccepts(name, dtype, accepts);
      return result ?? dtype;
    },
    derivative,
    batch,
    reference,
    text: facts.text ?? callForm(name),
    latex: facts.latex ?? latexCall(`\\operatorname{${name}}`),
  });
}

/** An operation of one operand, element by element. */
export const unary = (facts: ScalarFacts & { readonly fn: (x: number) => number }): Primitive<NoParams> =>
  scalar(facts, ([x], _, out) => {
    const { fn } = facts;
    const from = x.data;
    const to = out.data;
    for (let i = 0; i < to.length; i++) to[i] = fn(from[i]);
  });

interface BinaryFacts extends ScalarFacts {
  readonly fn: (x: number, y: number) => number;
  /** For int32 and uint32, where float64 arithmetic would not be exact. */
  readonly integerFn?: (x: number, y: number) => number;
}

/** An operation of two operands, element by element. */
export const binary = (facts: BinaryFacts): Primitive<NoParams> =>
  scalar(facts, ([x, y], _, out) => {
    const fn = facts.integerFn !== undefined && !isFloating(x.dtype) ? facts.integerFn : facts.fn;
    const left = x.data;
    const right = y.data;
    const to = out.data;
    for (let i = 0; i < to.length; i++) to[i] = fn(left[i], right[i]);
  });

/** Applies a primitive without params. */
export const applyTo = (prim: Primitive<NoParams>, ...inputs: readonly Tensor[]): Tensor =>
  apply(prim, inputs, NO_PARAMS);
