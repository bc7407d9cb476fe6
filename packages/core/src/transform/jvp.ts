import { apply } from "../ir/apply.ts";
import type { Tensor } from "../ir/tensor.ts";
import { positionOf, type Topology, topology } from "../ir/traversal.ts";
import { applies } from "../prims/builder.ts";
import type { PartParams } from "../prims/control/call.ts";
import { part } from "../prims/control/part.ts";
import { type CustomCallParams, type CustomResultParams, customCall, customResult } from "../prims/custom.ts";
import { alternative, barrier } from "../prims/identity.ts";
import { builder, callRule, dependsOn, isControl, pullback } from "./vjp.ts";

/** Forward mode: the tangents of `outputs`, given those of `sources`; null where an output does not depend on them. */
export function pushforward(
  outputs: readonly Tensor[],
  sources: readonly Tensor[],
  seeds: readonly Tensor[],
): (Tensor | null)[] {
  const oldest = sources.reduce((id, source) => Math.min(id, source.id), Number.POSITIVE_INFINITY);
  const graph = topology(outputs, (node) => node.id >= oldest);
  const depends = dependsOn(graph, sources);
  const tangents = new Array<Tensor | null>(graph.nodes.length).fill(null);
  const given = new Map(sources.map((source, i) => [source, seeds[i]]));
  const { nodes, operands, starts } = graph;
  const parts = partsByCall(graph);
  /** The tangents of all results of calls with rules of their own, by the position of the call. */
  const ofResults = new Map<number, readonly (Tensor | null)[]>();
  const again = new Map<Tensor, Tensor>();
  for (let i = 0; i < nodes.length; i++) {
    const seed = given.get(nodes[i]);
    if (seed !== undefined) {
      tangents[i] = seed;
      continue;
    }
    if (depends[i] === 0 && again.size === 0 && !applies(nodes[i], barrier)) continue;
    const own = nodes[i].inputs.map((_, k) => {
      const position = operands[starts[i] + k];
      return position < 0 ? null : tangents[position];
    });
    computeAgain(nodes[i], own, again);
    if (depends[i] === 0) continue;
    const primal = again.get(nodes[i]) ?? nodes[i];
    if (isControl(primal)) {
      setPartTangents(graph, primal, parts.get(i) ?? [], own, tangents);
      continue;
    }
    // Set together with those of the call's other parts.
    if (applies(primal, part)) continue;
    if (applies(primal, customCall)) {
      ofResults.set(i, resultTangents(primal, own));
      continue;
    }
    if (applies(nodes[i], customResult)) {
      const all = ofResults.get(operands[starts[i] + 1]);
      tangents[i] = all?.[(nodes[i].params as CustomResultParams).index] ?? null;
      continue;
    }
    if (own.some((t) => t !== null)) tangents[i] = outputTangent(primal, own);
  }
  return outputs.map((output) => {
    const position = positionOf(graph, output);
    return position < 0 ? null : tangents[position];
  });
}

/** Places of the parts of each call, by the call's place. */
export function partsByCall({ nodes, operands, starts }: Topology): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  nodes.forEach((node, i) => {
    if (!applies(node, part)) return;
    const call = operands[starts[i]];
    const list = found.get(call);
    if (list === undefined) found.set(call, [i]);
    else list.push(i);
  });
  return found;
}

/** The tangents of all parts of a loop or a branch, by its rule. */
function setPartTangents(
  { nodes }: Topology,
  call: Tensor,
  places: readonly number[],
  own: readonly (Tensor | null)[],
  tangents: (Tensor | null)[],
): void {
  if (own.every((t) => t === null)) return;
  const parts = places.map((place) => nodes[place].params as PartParams);
  callRule(call)
    .jvp(call, parts, own)
    .forEach((tangent, k) => {
      tangents[places[k]] = tangent;
    });
}

/**
 * What a barrier lets be computed again is computed once more for the tangents, when those that come with what the barrier
 * waits for are there. Else all of it would be kept, since derivatives of lower order need it before.
 */
function computeAgain(node: Tensor, tangents: readonly (Tensor | null)[], again: Map<Tensor, Tensor>): void {
  const { prim, inputs, params } = node;
  if (applies(node, barrier)) {
    const [x, ...after] = inputs;
    const more = tangents.slice(1).filter((t) => t !== null);
    if (more.length > 0) again.set(node, builder.barrier(x, [...more, ...after]));
  } else if (again.size > 0 && inputs.some((x) => again.has(x))) {
    const own = inputs.map((x) => again.get(x) ?? x);
    again.set(node, apply(prim, own, params));
  }
}

/** The tangents of a call's results, by its rule. */
function resultTangents(
  { params, inputs }: Tensor,
  tangents: readonly (Tensor | null)[],
): readonly (Tensor | null)[] {
  const { rule, args } = params as CustomCallParams;
  const own = tangents.slice(1, 1 + args);
  return own.some((t) => t !== null) ? rule.jvp(inputs.slice(1), own) : [];
}

/** The tangent of a node, given those of its inputs, not all of them null. */
function outputTangent(node: Tensor, tangents: readonly (Tensor | null)[]): Tensor | null {
  const { prim, inputs, params } = node;
  const rule = prim.derivative;
  const b = builder;
  if (applies(node, alternative)) return tangents[0] ?? tangents[1];
  switch (rule.kind) {
    case "elementwise":
      return sum(
        tangents.map((t, k) => (t === null ? null : (rule.rules[k]?.(b, t, inputs, node, params) ?? null))),
      );
    case "linear":
      return apply(
        prim,
        tangents.map((t, k) => t ?? b.literal(0, inputs[k])),
        params,
      );
    case "multilinear":
      return sum(
        tangents.map((t, k) =>
          t === null
            ? null
            : apply(
                prim,
                inputs.map((x, i) => (i === k ? t : x)),
                params,
              ),
        ),
      );
    case "explicit":
      if (rule.jvp !== undefined) return rule.jvp(b, tangents, inputs, node, params);
      return transposedTwice(node, tangents);
    case "none":
      return null;
  }
}

const sum = (terms: readonly (Tensor | null)[]): Tensor | null =>
  terms.reduce(
    (total, term) => (total === null || term === null ? (total ?? term) : builder.add(total, term)),
    null,
  );

/** A tangent from reverse mode alone: the cotangent of inputs is linear in that of the output; its transpose is J. */
function transposedTwice(node: Tensor, tangents: readonly (Tensor | null)[]): Tensor | null {
  const rule = node.prim.derivative;
  if (rule.kind !== "explicit" || rule.vjp === undefined) return null;
  const u = builder.identity(builder.literal(0, node));
  const cotangents = rule.vjp(builder, u, node.inputs, node, node.params);
  const pairs = cotangents.flatMap((ct, k) => {
    const t = tangents[k];
    return ct === null || t === null ? [] : [{ ct, t }];
  });
  return pullback(
    pairs.map(({ ct }) => ct),
    pairs.map(({ t }) => t),
    [u],
  )[0];
}
