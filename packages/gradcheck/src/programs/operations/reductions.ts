import { type Domain, off, separated, separatedSizes, tame, within } from "../domains.ts";
import { call, type Expression } from "../expression.ts";
import { sizeOf } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

type Axes = number | readonly number[] | undefined;

/** How many elements each result is made of. */
function countAlong(shape: readonly number[], axes: Axes): number {
  if (axes === undefined) return sizeOf(shape);
  const list = typeof axes === "number" ? [axes] : axes;
  return sizeOf(list.map((axis) => shape.at(axis) as number));
}

/** Along axes that hold at least `least` elements; along all of them where the drawn ones hold fewer. */
const reduction =
  (
    name: string,
    domain: Domain,
    least = 0,
    options: readonly { readonly [key: string]: Expression }[] = [{}],
  ): Decode =>
  (draw) => {
    const x = draw.float(domain, { minSize: least });
    const drawn = draw.axes(x.shape.length);
    const axes = countAlong(x.shape, drawn) < least ? undefined : drawn;
    return call(name, x.expression, axes, { keepDims: draw.genes.yes(), ...draw.genes.of(options) });
  };

/** Along one axis, or all elements in a row. */
const walk =
  (name: string, domain: Domain, isExclusive: boolean): Decode =>
  (draw) => {
    const x = draw.float(domain, { minRank: 1 });
    const axis = draw.genes.yes() ? draw.axis(x.shape.length) : undefined;
    const reverse = draw.genes.yes();
    return call(
      name,
      x.expression,
      axis,
      isExclusive ? { reverse, exclusive: draw.genes.yes() } : { reverse },
    );
  };

const scan: Decode = (draw) => {
  const x = draw.float(within(-1.2, 1.2), { minRank: 1, maxSize: 12 });
  const axis = draw.axis(x.shape.length);
  const b = draw.alike(x, x.shape);
  const state = x.shape.filter((_, i) => i !== (axis + x.shape.length) % x.shape.length);
  const initial = draw.genes.yes() ? { initial: draw.alike(x, state).expression } : {};
  return call("affineScan", x.expression, b.expression, { axis, reverse: draw.genes.yes(), ...initial });
};

const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;

const norm: Decode = (draw) => {
  const ord = draw.genes.of([2, "fro", 3, 1.5, 1, POSITIVE_INFINITY, NEGATIVE_INFINITY] as const);
  const isSingle = ord === 1 || typeof ord === "string" ? false : Math.abs(ord) === POSITIVE_INFINITY;
  const x = draw.float(isSingle ? separatedSizes : off([0], 0.3), { minSize: 1 });
  return call("norm", x.expression, { ord, axes: draw.axes(x.shape.length), keepDims: draw.genes.yes() });
};

const factors = within(-1.2, 1.2);

/** Along axes: to one element, and from one to the next. */
export const reductions: Operations = {
  sum: reduction("sum", tame),
  mean: reduction("mean", tame, 1),
  prod: reduction("prod", factors),
  max: reduction("max", separated, 1),
  min: reduction("min", separated, 1),
  logsumexp: reduction("logsumexp", tame, 1),
  variance: reduction("variance", tame, 2, [{}, { correction: 1 }]),
  std: reduction("std", separated, 2, [{}, { correction: 1 }]),
  norm,
  cumsum: walk("cumsum", tame, true),
  cumprod: walk("cumprod", factors, true),
  cummax: walk("cummax", separated, false),
  cummin: walk("cummin", separated, false),
  logcumsumexp: walk("logcumsumexp", tame, false),
  affineScan: scan,
  diff: (draw) => {
    const x = draw.float(tame, { minRank: 1 });
    return call("diff", x.expression, { axis: draw.axis(x.shape.length), n: draw.genes.whole(0, 2) });
  },
};
