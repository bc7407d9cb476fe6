import { tame } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { MAX_SIZE } from "../draw.ts";
import { At, call, type Expression } from "../expression.ts";
import { type Operand, sizeOf } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

/** Values of any kind move alike; most are floating, so that there is something to differentiate. */
const one = (draw: Draw, need: Parameters<Draw["float"]>[1] = {}): Operand => draw.float(tame, need);

/** All ways to write a number as two factors. */
const factorsOf = (n: number): [number, number][] =>
  Array.from({ length: n }, (_, i) => i + 1)
    .filter((a) => n % a === 0)
    .map((a) => [a, n / a]);

const reshape: Decode = (draw) => {
  const x = one(draw);
  const size = x.elements.length;
  const shapes: readonly (readonly number[])[] = [
    size === 0 ? [0] : [-1],
    [...x.shape].reverse(),
    ...(size === 0 ? [[0, 2]] : factorsOf(size)),
    ...(size === 1 ? [[]] : []),
    [1, size, 1],
  ];
  return call("reshape", x.expression, draw.genes.of(shapes));
};

const slice: Decode = (draw) => {
  const x = one(draw);
  const sections = x.shape.map((size) => {
    const step = draw.genes.of([1, 2, 3, -1, -2]);
    const start = draw.genes.whole(0, 1) === 0 ? null : draw.genes.whole(-size - 1, size + 1);
    const end = draw.genes.whole(0, 1) === 0 ? null : draw.genes.whole(-size - 1, size + 1);
    return { start, end, step };
  });
  const start = sections.map((section) => section.start);
  const end = sections.map((section) => section.end);
  return call("slice", x.expression, start, end, { step: sections.map(({ step }) => step) });
};

const pad: Decode = (draw) => {
  const x = one(draw, { maxRank: 3, maxSize: 9 });
  const widths = x.shape.map((size): [number, number] => {
    const [low, high] = [draw.genes.of([1, 0, -1]), draw.genes.of([0, 1, -1])];
    return low + size + high < 0 ? [0, 0] : [low, high];
  });
  const grown = sizeOf(x.shape.map((size, i) => size + widths[i][0] + widths[i][1]));
  const kept = grown > MAX_SIZE ? x.shape.map(() => [0, 0]) : widths;
  return call("pad", x.expression, kept, { value: draw.genes.of([0, 1.5]) });
};

const broadcastTo: Decode = (draw) => {
  const x = one(draw, { maxRank: 3, maxSize: 9 });
  const stretched = x.shape.map((size) => (size === 1 ? draw.genes.whole(1, 2) : size));
  const target = [draw.genes.whole(1, 2), ...stretched];
  return call("broadcastTo", x.expression, sizeOf(target) > MAX_SIZE ? [1, ...x.shape] : target);
};

/** Of two or three values: others of the same size, itself among them. */
const concat: Decode = (draw) => {
  const x = one(draw, { minRank: 1, maxSize: 12 });
  const others = Array.from({ length: draw.genes.whole(1, 2) }, () => draw.shaped(x.shape));
  const list = [x, ...others].map(({ expression }) => expression);
  return call("concat", list, draw.axis(x.shape.length));
};

const stack: Decode = (draw) => {
  const x = one(draw, { maxRank: 3, maxSize: 12 });
  const others = Array.from({ length: draw.genes.whole(0, 2) }, () => draw.shaped(x.shape));
  return call("stack", [x, ...others].map(({ expression }) => expression), draw.axis(x.shape.length + 1)); // biome-ignore format: one call
};

const tile: Decode = (draw) => {
  const x = one(draw, { maxRank: 3, maxSize: 9 });
  const reps = draw.genes.yes()
    ? [2, ...x.shape.map(() => draw.genes.whole(1, 2))].slice(0, x.shape.length + 1)
    : draw.genes.whole(0, 2);
  const count = typeof reps === "number" ? reps : reps.reduce((a, b) => a * b, 1);
  return call("tile", x.expression, x.elements.length * count > MAX_SIZE ? 1 : reps);
};

const repeat: Decode = (draw) => {
  const x = one(draw, { minRank: 1, maxSize: 12 });
  const axis = draw.genes.yes() ? draw.axis(x.shape.length) : undefined;
  const size = axis === undefined ? x.elements.length : (x.shape.at(axis) as number);
  const counts = draw.genes.yes()
    ? Array.from({ length: size }, () => draw.genes.whole(0, 2))
    : draw.genes.whole(0, 2);
  return call("repeat", x.expression, counts, axis);
};

/** One of the pieces. */
const split: Decode = (draw) => {
  const x = one(draw, { minRank: 1 });
  const axis = draw.axis(x.shape.length);
  const size = x.shape.at(axis) as number;
  const divisors = [1, 2, 3].filter((n) => size % n === 0);
  const sections: Expression = draw.genes.yes()
    ? [draw.genes.whole(-size - 1, size + 1), draw.genes.whole(-size - 1, size + 1)]
    : draw.genes.of(divisors);
  const count = typeof sections === "number" ? sections : 3;
  return new At(call("split", x.expression, sections, axis), draw.genes.whole(0, count - 1));
};

const roll: Decode = (draw) => {
  const x = one(draw);
  const { length } = x.shape;
  if (length === 0 || !draw.genes.yes()) return call("roll", x.expression, draw.genes.whole(-3, 3));
  return call("roll", x.expression, [draw.genes.whole(-3, 3)], [draw.axis(length)]);
};

const moveAxis: Decode = (draw) => {
  const x = one(draw, { minRank: 1 });
  const { length } = x.shape;
  const count = draw.genes.whole(1, length);
  const from = draw.genes.order(length).slice(0, count);
  return call("moveAxis", x.expression, from, draw.genes.order(length).slice(0, count));
};

const triangle =
  (name: string): Decode =>
  (draw) =>
    call(name, one(draw, { minRank: 2 }).expression, { offset: draw.genes.of([0, 1, -1, 2]) });

const diagonal: Decode = (draw) => {
  const x = one(draw, { minRank: 2 });
  const [axis1, axis2] = draw.genes.order(x.shape.length);
  return call("diagonal", x.expression, { offset: draw.genes.of([0, 1, -1]), axis1, axis2 });
};

/** Of vectors a matrix, of matrices a vector. */
const diag: Decode = (draw) => {
  const found = one(draw, { minRank: 1, maxRank: 2 });
  const isLong = found.shape.length === 1 && found.elements.length > 4;
  const x = isLong ? draw.operand(call("slice", found.expression, 0, 4)) : found;
  return call("diag", x.expression, { offset: draw.genes.of([0, 1, -1]) });
};

/** Elements in other places. */
export const movement: Operations = {
  reshape,
  transpose: (draw) => {
    const x = one(draw);
    return call("transpose", x.expression, draw.genes.yes() ? draw.genes.order(x.shape.length) : undefined);
  },
  expandDims: (draw) => {
    const x = one(draw, { maxRank: 3 });
    return call("expandDims", x.expression, draw.axis(x.shape.length + 1));
  },
  squeeze: (draw) => {
    const x = one(draw);
    const ones = x.shape.map((_, axis) => axis).filter((axis) => x.shape[axis] === 1);
    return call("squeeze", x.expression, draw.genes.yes() ? ones.filter(() => draw.genes.yes()) : undefined);
  },
  flip: (draw) => {
    const x = one(draw);
    return call("flip", x.expression, draw.axes(x.shape.length));
  },
  slice,
  pad,
  broadcastTo,
  concat,
  stack,
  ravel: (draw) => call("ravel", one(draw).expression),
  tile,
  repeat,
  split,
  roll,
  swapAxes: (draw) => {
    const x = one(draw, { minRank: 1 });
    return call("swapAxes", x.expression, draw.axis(x.shape.length), draw.axis(x.shape.length));
  },
  moveAxis,
  tril: triangle("tril"),
  triu: triangle("triu"),
  diag,
  diagonal,
};
