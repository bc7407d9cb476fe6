import { apartFrom, broken, separated, tame } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { call } from "../expression.ts";
import type { Operand } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

const named = (names: readonly string[], decode: (name: string) => Decode): Operations =>
  Object.fromEntries(names.map((name) => [name, decode(name)]));

/** Of numbers that are never near each other, and of whole numbers, which may be equal. */
const comparison =
  (name: string): Decode =>
  (draw) => {
    const [x, y] = draw.genes.yes() ? integerPair(draw) : floatPair(draw);
    return call(name, x.expression, y.expression);
  };

function floatPair(draw: Draw): [Operand, Operand] {
  const x = draw.float();
  return [x, draw.partner([x], apartFrom(x.elements))];
}

function integerPair(draw: Draw, dtype: "int32" | "uint32" = "int32"): [Operand, Operand] {
  const x = draw.integers(dtype);
  return [x, draw.integersWith(x)];
}

const logical =
  (name: string): Decode =>
  (draw) => {
    const x = draw.condition(draw.float().shape);
    return call(name, x.expression, draw.condition(x.shape).expression);
  };

const bitwise =
  (name: string): Decode =>
  (draw) => {
    const [x, y] = integerPair(draw, draw.genes.of(["int32", "uint32"] as const));
    return call(name, x.expression, y.expression);
  };

/** By counts from 0 to 7. */
const shift =
  (name: string): Decode =>
  (draw) => {
    const x = draw.integers(draw.genes.of(["int32", "uint32"] as const));
    return call(name, x.expression, call("bitwiseAnd", draw.integersWith(x).expression, 7));
  };

const classified =
  (name: string): Decode =>
  (draw) =>
    call(name, draw.float(tame).expression);

const reduction =
  (name: string): Decode =>
  (draw) => {
    const x = draw.condition(draw.float().shape);
    return call(name, x.expression, draw.axes(x.shape.length), { keepDims: draw.genes.yes() });
  };

/** The place of the largest or the smallest of elements that are not near each other. */
const place =
  (name: string): Decode =>
  (draw) => {
    const x = draw.float(separated, { minRank: 1, minSize: 1 });
    const axis = draw.genes.yes() && !x.shape.includes(0) ? draw.axis(x.shape.length) : undefined;
    return call(name, x.expression, axis, { keepDims: draw.genes.yes() });
  };

/** Results that are no real numbers: their derivatives are 0, wherever they are used. */
export const discrete: Operations = {
  ...named(["less", "lessEqual", "greater", "greaterEqual", "equal", "notEqual"], comparison),
  ...named(["logicalAnd", "logicalOr", "logicalXor"], logical),
  logicalNot: (draw) => call("logicalNot", draw.condition(draw.float().shape).expression),
  ...named(["bitwiseAnd", "bitwiseOr", "bitwiseXor"], bitwise),
  bitwiseNot: (draw) => call("bitwiseNot", draw.integers().expression),
  leftShift: shift("leftShift"),
  rightShift: shift("rightShift"),
  bitcast: (draw) => {
    const [from, to] = draw.genes.of([["int32", "uint32"], ["uint32", "int32"]] as const); // biome-ignore format: pairs
    return call("bitcast", draw.integers(from).expression, to);
  },
  ...named(["isNaN", "isFinite", "isInf"], classified),
  any: reduction("any"),
  all: reduction("all"),
  argmax: place("argmax"),
  argmin: place("argmin"),
  argsort: (draw) => {
    const x = draw.float(separated, { minRank: 1 });
    return call("argsort", x.expression, { axis: draw.axis(x.shape.length), descending: draw.genes.yes() });
  },
  oneHot: (draw) => {
    const x = draw.float(broken, { maxRank: 3, maxSize: 10 });
    const index = draw.genes.yes()
      ? call("cast", call("floor", x.expression), "int32")
      : draw.indices(x.shape, 3).expression;
    return call("oneHot", index, 3, { dtype: draw.dtype });
  },
};
