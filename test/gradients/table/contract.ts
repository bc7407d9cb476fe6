import * as core from "@cotangent/core";
import fc from "fast-check";
import { interval } from "../support/domains.ts";
import { applyPrimitive } from "../support/primitive.ts";
import type { Row, Setup } from "../support/row.ts";
import { orders, whole } from "../support/shapes.ts";
import { custom } from "./build.ts";

type Tensor = core.Tensor;
type Shape = core.Shape;

const domain = interval(-2, 2);
const size = fc.oneof({ weight: 9, arbitrary: whole(1, 3) }, { weight: 1, arbitrary: fc.constant(0) });

const pair = (left: Shape, right: Shape): Setup => ({
  shapes: [left, right],
  domains: [domain, domain],
  apply: (x, y) => core.matmul(x, y),
});

/** Leading axes that broadcast: equal, 1 or missing. */
const leading: fc.Arbitrary<readonly [number[], number[]]> = fc
  .array(fc.tuple(whole(1, 2), fc.boolean(), fc.boolean()), { maxLength: 2 })
  .chain((axes) =>
    fc
      .tuple(whole(0, axes.length), whole(0, axes.length))
      .map(([dropLeft, dropRight]) => [
        axes.map(([n, one]) => (one ? 1 : n)).slice(dropLeft),
        axes.map(([n, , one]) => (one ? 1 : n)).slice(dropRight),
      ]),
  );

const matmulSetups: fc.Arbitrary<Setup> = fc
  .tuple(size, size, size, leading, whole(0, 5))
  .map(([m, k, n, [left, right], kind]) => {
    if (kind === 0) return pair([k], [k]);
    if (kind === 1) return pair([k], [...right, k, n]);
    if (kind === 2) return pair([...left, m, k], [k]);
    return pair([...left, m, k], [...right, k, n]);
  });

const aliasedMatmul: fc.Arbitrary<Setup> = fc
  .tuple(size, fc.array(whole(1, 2), { maxLength: 2 }), fc.boolean())
  .map(([n, batch, vector]) => ({
    shapes: [vector ? [n] : [...batch, n, n]],
    domains: [domain],
    apply: (x: Tensor) => core.matmul(x, x),
  }));

/** The axes of one operand of a dot: roles in a drawn order, with the sizes that go with them. */
function operand(order: readonly number[], contract: number[], batch: number[], free: number[]) {
  const sizes = [...contract, ...batch, ...free];
  const shape = order.map((role) => sizes[role]);
  const places = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => order.indexOf(from + i));
  return { shape, contract: places(0, contract.length), batch: places(contract.length, batch.length) };
}

/** Any contraction that the primitive knows: several contracted and batch axes, in any places of the operands. */
const dotSetups: fc.Arbitrary<Setup> = fc
  .tuple(
    fc.array(size, { maxLength: 2 }),
    fc.array(whole(1, 2), { maxLength: 1 }),
    fc.array(size, { maxLength: 1 }),
    fc.array(size, { maxLength: 1 }),
  )
  .chain(([contract, batch, free, other]) =>
    fc
      .tuple(
        orders(contract.length + batch.length + free.length),
        orders(contract.length + batch.length + other.length),
      )
      .map(([left, right]) => {
        const x = operand(left, contract, batch, free);
        const y = operand(right, contract, batch, other);
        const params = { contract: [x.contract, y.contract], batch: [x.batch, y.batch] };
        return {
          shapes: [x.shape, y.shape],
          domains: [domain, domain],
          options: params,
          apply: (a: Tensor, b: Tensor) => applyPrimitive("dot", [a, b], params),
        };
      }),
  );

export const contractRows: readonly Row[] = [
  custom("matmul", matmulSetups, { aliased: aliasedMatmul }),
  custom("dot", dotSetups, { covers: [] }),
];
