import * as core from "@cotangent/core";
import fc from "fast-check";
import { interval, separated, signed } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { axesOf, orders, shapes, sizeOf, whole } from "../support/shapes.ts";
import { custom } from "./build.ts";

type Tensor = core.Tensor;
type Shape = core.Shape;

const domain = interval(-2, 2);
const size = fc.oneof({ weight: 9, arbitrary: whole(1, 3) }, { weight: 1, arbitrary: fc.constant(0) });

const setup = (list: readonly Shape[], apply: Setup["apply"], options?: unknown): Setup => ({
  shapes: list,
  domains: list.map(() => domain),
  options,
  apply,
});

/** Scalars, vectors, matrices and more axes, with inner sizes that agree. */
const pairs = (
  apply: (x: Tensor, y: Tensor) => Tensor,
  inner: "last" | "second to last",
): fc.Arbitrary<Setup> =>
  fc
    .tuple(size, fc.array(size, { maxLength: 2 }), fc.array(size, { maxLength: 2 }), whole(0, 7))
    .map(([k, left, right, kind]) => {
      const scalar: Shape = [];
      if (kind === 0) return setup([scalar, [...right, k]], apply);
      if (kind === 1) return setup([[...left, k], scalar], apply);
      const isVector = inner === "last" || right.length === 0;
      const y = isVector ? [...right, k] : [...right.slice(1), k, right[0]];
      return setup([[...left, k], y], apply);
    });

const squares = (apply: (x: Tensor) => Tensor): fc.Arbitrary<Setup> =>
  size.map((n) => ({ shapes: [[n, n]], domains: [domain], apply }));

/** A count of axes, or drawn pairs of them. */
const tensordots: fc.Arbitrary<Setup> = fc
  .tuple(
    fc.array(whole(1, 2), { maxLength: 2 }),
    fc.array(size, { maxLength: 2 }),
    fc.array(size, { maxLength: 1 }),
    fc.boolean(),
  )
  .chain(([summed, left, right, counted]) => {
    const apply = (axes: core.TensordotAxes) => (x: Tensor, y: Tensor) => core.tensordot(x, y, axes);
    if (counted)
      return fc.constant(
        setup(
          [
            [...left, ...summed],
            [...summed, ...right],
          ],
          apply(summed.length),
        ),
      );
    return fc
      .tuple(orders(summed.length + left.length), orders(summed.length + right.length))
      .map(([one, other]) => {
        const [x, y] = [
          [...summed, ...left],
          [...summed, ...right],
        ];
        const axes = [one, other].map((order) => summed.map((_, i) => order.indexOf(i)));
        return setup(
          [one.map((role) => x[role]), other.map((role) => y[role])],
          apply([axes[0], axes[1]]),
          axes,
        );
      });
  });

/** Subscripts and the shapes that they are for. */
const NOTATIONS: readonly (readonly [string, ...Shape[]])[] = [
  ["ij,jk->ik", [2, 3], [3, 2]],
  ["ij,jk", [2, 3], [3, 1]],
  ["ij,kj->ki", [2, 3], [1, 3]],
  ["ij->ji", [2, 3]],
  ["ij->", [2, 3]],
  ["ij->j", [0, 3]],
  ["ii->i", [3, 3]],
  ["ii", [2, 2]],
  ["iji->j", [2, 3, 2]],
  ["iii->i", [2, 2, 2]],
  ["i,i", [4], [4]],
  ["i,j->ij", [2], [3]],
  ["i,j->ji", [2], [3]],
  ["ij,ij->ij", [2, 2], [2, 2]],
  ["bij,bjk->bik", [2, 2, 3], [2, 3, 1]],
  ["bi,bi->b", [3, 2], [3, 2]],
  ["bij,bj->ib", [2, 2, 3], [2, 3]],
  ["ij,jk,kl->il", [2, 3], [3, 2], [2, 2]],
  ["i,i,i->", [3], [3], [3]],
  ["a,b,c->cab", [2], [1], [3]],
  ["ik,jkl,il->ij", [2, 2], [2, 2, 3], [2, 3]],
  ["...ij,...jk->...ik", [2, 1, 2, 3], [2, 3, 2]],
  ["...i,...i->...", [2, 3], [1, 3]],
  ["...,...", [2, 1], [3]],
  ["i...->...i", [2, 3]],
  ["ii...->...", [2, 2, 3]],
  ["ij,j->i", [2, 0], [0]],
  [",ij->ji", [], [2, 2]],
];

const einsums: fc.Arbitrary<Setup> = fc
  .constantFrom(...NOTATIONS)
  .map(([subscripts, ...list]) => setup(list, (...xs) => core.einsum(subscripts, ...xs), subscripts));

const norms = (name: string, ords: fc.Arbitrary<number | "fro">, values = signed(0.4, 2)): Row =>
  custom(
    name,
    shapes().chain((shape) =>
      fc
        .tuple(ords, axesOf(shape.length), fc.boolean())
        .filter(
          ([ord, axes]) =>
            Math.abs(Number(ord)) !== Number.POSITIVE_INFINITY ||
            sizeOf(shape) > 0 ||
            (Array.isArray(axes) && axes.length === 0),
        )
        .map(([ord, axes, keepDims]) => ({
          shapes: [shape],
          domains: [values],
          options: { ord: String(ord), axes, keepDims },
          apply: (x: Tensor) => core.norm(x, { ord, axes, keepDims }),
        })),
    ),
    { covers: ["norm"] },
  );

const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;

export const productRows: readonly Row[] = [
  custom("dot of NumPy", pairs(core.dot, "second to last"), {
    covers: ["dot"],
    aliased: squares((x) => core.dot(x, x)),
  }),
  custom("inner", pairs(core.inner, "last"), { aliased: squares((x) => core.inner(x, x)) }),
  custom(
    "outer",
    fc
      .tuple(shapes({ maxRank: 2 }), shapes({ maxRank: 1 }))
      .map((list) => setup(list, (x, y) => core.outer(x, y))),
    { aliased: squares((x) => core.outer(x, x)) },
  ),
  custom("tensordot", tensordots, { aliased: squares((x) => core.tensordot(x, x, [[1], [0]])) }),
  custom("einsum", einsums, { aliased: squares((x) => core.einsum("ij,jk,ki->i", x, x, x)) }),
  norms("norm", fc.constantFrom<number | "fro">(2, "fro", 3, 1.5)),
  // Above 1, and away from the kink of |x|, but not from that of the largest element.
  norms("norm of single elements", fc.constantFrom(1, POSITIVE_INFINITY, NEGATIVE_INFINITY), (random, n, i) =>
    separated(random, n, i).map((x) => Math.sign(x) * (Math.abs(x) + (x > 0 ? 0.05 : 0))),
  ),
];
