import type { Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { applies } from "../prims/builder.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { mayVary, stemsFrom } from "../prims/identity.ts";
import { type ReadParams, read } from "../prims/leaves.ts";
import { checkOptions } from "../types/options.ts";
import { describeValue } from "../types/trees.ts";
import { GradientError } from "../util/errors.ts";
import { checkFloating, checkTensor, cotangentFor, zerosLike } from "./arguments.ts";
import { builder, pullback } from "./vjp.ts";

/** How `gradients` asks. */
export interface GradientsOptions {
  /** The cotangent of y, in its shape: how its elements are weighed. Not needed for a scalar. */
  readonly cotangent?: TensorLike;
  /** What an x that y does not depend on gets: "zeros" in its shape unless given, or "null". */
  readonly unused?: "zeros" | "null";
}

/**
 * The gradients of y by each of `xs`, as new nodes of the graph, differentiable again. y is a floating scalar, or
 * `cotangent` says how its elements are weighed. For a variable its current version is meant. An x that y does not
 * depend on gets zeros, or null with `unused: "null"`.
 * @throws GradientError when y is no floating scalar, or depends only on an older version of a variable
 */
export function gradients(
  y: Tensor,
  xs: readonly Tensor[],
  options: GradientsOptions & { readonly unused: "null" },
): (Tensor | null)[];
export function gradients(
  y: Tensor,
  xs: readonly Tensor[],
  options?: GradientsOptions & { readonly unused?: "zeros" },
): Tensor[];
export function gradients(
  y: Tensor,
  xs: readonly Tensor[],
  options: GradientsOptions = {},
): (Tensor | null)[] {
  checkOptions("gradients", options, ["cotangent", "unused"]);
  checkTensor(y, "gradients");
  if (!Array.isArray(xs)) {
    throw new GradientError(`the second argument is ${describeValue(xs)}`, {
      operation: "gradients",
      remedy: "Pass an array of tensors: gradients(y, [x]), gradients(loss, model.variables())",
    });
  }
  const targets = xs.map((x) => {
    checkTensor(x, "gradients");
    checkFloating(x, "gradients");
    return x.node;
  });
  const output = y.node;
  const seed = cotangentFor(output, options.cotangent, "gradients");
  const results = pullback([output], [seed], targets);
  return results.map((ct, i) => {
    if (ct === null) checkOlderVersions(output, targets[i], xs[i]);
    return ct ?? (options.unused === "null" ? null : zerosLike(targets[i]));
  });
}

/** @throws GradientError when y depends on another version of the variable that `target` is a version of */
function checkOlderVersions(y: Tensor, target: Tensor, x: Tensor): void {
  if (!applies(target, read)) return;
  const { version } = target.params as ReadParams;
  for (const node of topology([y], mayVary).nodes) {
    if (node === target || !stemsFrom(node, version.cell)) continue;
    throw new GradientError(
      `the value depends on an older version of variable ${version.label}, which was assigned since`,
      {
        operation: "gradients",
        variable: (x as { name?: string }).name ?? version.label,
        remedy: "Ask for gradients before the assignment, or compute the value again",
      },
    );
  }
}

/** x as a constant: derivatives stop here. In its shape. */
export const stopGradient = (x: TensorLike): Tensor => builder.stopGradient(asTensor(x, "stopGradient"));
