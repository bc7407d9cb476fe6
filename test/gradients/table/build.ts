import type { Tensor } from "@cotangent/core";
import type fc from "fast-check";
import type { Domain } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { broadcastable, type ShapeLimits, shapes } from "../support/shapes.ts";

/** What a row says besides its calls. */
export type Extras = Partial<Pick<Row, "covers" | "epsilon">>;

/** An operation of one tensor of any shape. */
export const unary = (
  name: string,
  apply: (x: Tensor) => Tensor,
  domain: Domain,
  extras: Extras & ShapeLimits = {},
): Row => ({
  name,
  covers: extras.covers ?? [name],
  epsilon: extras.epsilon,
  setups: shapes(extras).map((shape) => ({ shapes: [shape], domains: [domain], apply })),
});

/**
 * An operation of several tensors whose shapes broadcast. Aliased, it gets one tensor for all of them, drawn from
 * `aliased` (from the last domain unless given; null where that is not differentiable).
 */
export const broadcasting = (
  name: string,
  apply: (...args: Tensor[]) => Tensor,
  domains: readonly Domain[],
  { aliased = domains[domains.length - 1], ...extras }: Extras & { aliased?: Domain | null } = {},
): Row => ({
  name,
  covers: extras.covers ?? [name],
  epsilon: extras.epsilon,
  setups: broadcastable(domains.length).map((list) => ({ shapes: list, domains, apply })),
  ...(aliased === null
    ? {}
    : {
        aliased: shapes().map((shape) => ({
          shapes: [shape],
          domains: [aliased],
          apply: (x: Tensor) => apply(...domains.map(() => x)),
        })),
      }),
});

/** A row whose calls are drawn in some other way. */
export const custom = (
  name: string,
  setups: fc.Arbitrary<Setup>,
  extras: Extras & { readonly aliased?: fc.Arbitrary<Setup> } = {},
): Row => ({ name, setups, ...extras, covers: extras.covers ?? [name] });
