import type { Builder } from "../ir/builder.ts";
import { builtInOneGo, type Tensor } from "../ir/tensor.ts";
import { positionOf, type Topology, topology } from "../ir/traversal.ts";
import { applies, makeBuilder } from "../prims/builder.ts";
import { branch } from "../prims/control/branch.ts";
import type { CallRule, PartParams } from "../prims/control/call.ts";
import { loop } from "../prims/control/loop.ts";
import { part } from "../prims/control/part.ts";
import { type CustomCallParams, type CustomResultParams, customCall, customResult } from "../prims/custom.ts";
import { alternative, compiledResult } from "../prims/identity.ts";
import { where } from "../prims/scalar/logic.ts";
import { isFloating } from "../types/dtype.ts";
import { GradientError } from "../util/errors.ts";

/** What rules and operations build with. */
export const builder: Builder = makeBuilder((output, ct, inputs) => pullback([output], [ct], inputs));

/**
 * Reverse mode: the cotangents of `targets`, given those of `outputs`, as new nodes; null for a target that no output
 * depends on. Walks the graph once, without recursion, and only the part that was made after the oldest target.
 */
export function pullback(
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | null)[],
  targets: readonly Tensor[],
): (Tensor | null)[] {
  const oldest = targets.reduce((id, target) => Math.min(id, target.id), Number.POSITIVE_INFINITY);
  const graph = topology(outputs, (node) => node.id >= oldest);
  checkCuts(graph, targets);
  return builtInOneGo(outputs, () => reversePasses(graph, outputs, cotangents, targets));
}

function reversePasses(
  graph: Topology,
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | null)[],
  targets: readonly Tensor[],
): (Tensor | null)[] {
  const inside = bypassedTargets(graph, targets);
  if (inside.size === 0) return reversePass(graph, outputs, cotangents, targets);
  // A target inside of what an alternative replaces is reached through the original, all others through the value.
  const others = targets.filter((target) => !inside.has(target));
  const results = new Map<Tensor, Tensor | null>();
  reversePass(graph, outputs, cotangents, others).forEach((ct, i) => {
    results.set(others[i], ct);
  });
  for (const target of inside) results.set(target, reversePass(graph, outputs, cotangents, [target])[0]);
  return targets.map((target) => results.get(target) ?? null);
}

function reversePass(
  graph: Topology,
  outputs: readonly Tensor[],
  seeds: readonly (Tensor | null)[],
  targets: readonly Tensor[],
): (Tensor | null)[] {
  const depends = dependsOn(graph, targets);
  const cotangents = new Array<Tensor | null>(graph.nodes.length).fill(null);
  const receive = (position: number, ct: Tensor | null): void => {
    if (position < 0 || ct === null || depends[position] === 0) return;
    const sum = cotangents[position];
    cotangents[position] = sum === null ? ct : addCotangents(sum, ct);
  };
  outputs.forEach((output, i) => {
    receive(positionOf(graph, output), seeds[i]);
  });
  const { nodes, operands, starts } = graph;
  /** What the results of calls with rules of their own have received, by the position of the call. */
  const ofResults = new Map<number, (Tensor | null)[]>();
  /** The same for loops and branches. */
  const ofParts = new Map<number, Received>();
  for (let i = nodes.length - 1; i >= 0; i--) {
    const ct = cotangents[i];
    if (ct === null && !ofResults.has(i) && !ofParts.has(i)) continue;
    const first = starts[i];
    const count = starts[i + 1] - first;
    if (count === 0) continue;
    if (applies(nodes[i], customResult)) {
      const call = operands[first + 1];
      const own = ofResults.get(call) ?? [];
      own[(nodes[i].params as CustomResultParams).index] = ct;
      ofResults.set(call, own);
      continue;
    }
    if (applies(nodes[i], part)) {
      const own = ofParts.get(operands[first]) ?? { parts: [], cotangents: [] };
      own.parts.push(nodes[i].params as PartParams);
      own.cotangents.push(ct as Tensor);
      ofParts.set(operands[first], own);
      continue;
    }
    const wanted = new Array<boolean>(count);
    let any = false;
    for (let k = 0; k < count; k++) {
      const position = operands[first + k];
      wanted[k] = position >= 0 && depends[position] === 1;
      if (wanted[k]) any = true;
    }
    if (!any) continue;
    if (applies(nodes[i], alternative)) {
      receive(operands[first + (wanted[0] ? 0 : 1)], ct);
      continue;
    }
    const received = ofParts.get(i);
    const inputCts =
      received !== undefined
        ? callRule(nodes[i]).vjp(nodes[i], received.parts, received.cotangents, wanted)
        : applies(nodes[i], customCall)
          ? callCotangents(nodes[i], ofResults.get(i) ?? [], wanted)
          : inputCotangents(nodes[i], ct as Tensor, wanted);
    for (let k = 0; k < count; k++) receive(operands[first + k], inputCts[k]);
  }
  return targets.map((target) => {
    const position = positionOf(graph, target);
    return position < 0 ? null : cotangents[position];
  });
}

/** What the parts of a loop or a branch have received. */
interface Received {
  readonly parts: PartParams[];
  readonly cotangents: Tensor[];
}

/** Whether a node stands for a loop or a branch as a whole. */
export const isControl = (node: Tensor): boolean => applies(node, loop) || applies(node, branch);

/** What derivatives and vmap ask of a loop or a branch. */
export const callRule = ({ params }: Tensor): CallRule => params as CallRule;

/** The cotangents of a call's inputs, by its rule. */
function callCotangents(
  { params, inputs }: Tensor,
  cotangents: readonly (Tensor | null)[],
  wanted: readonly boolean[],
): readonly (Tensor | null)[] {
  const { rule, args } = params as CustomCallParams;
  const values = rule.vjp(inputs.slice(1), cotangents, wanted.slice(1, 1 + args));
  return inputs.map((_, k) => (wanted[k] ? (values[k - 1] ?? null) : null));
}

/** 1 for nodes through which a derivative by one of the targets flows. */
export function dependsOn(graph: Topology, targets: readonly Tensor[]): Uint8Array {
  const { nodes, operands, starts } = graph;
  const depends = new Uint8Array(nodes.length);
  for (const target of targets) {
    const place = positionOf(graph, target);
    if (place >= 0) depends[place] = 1;
  }
  for (let i = 0; i < nodes.length; i++) {
    if (depends[i] === 1 || !isFloating(nodes[i].dtype)) continue;
    const { prim, params } = nodes[i];
    const reach = prim.reach?.(params);
    // A node whose history was cut has no inputs any more.
    const end = reach === undefined ? starts[i + 1] : Math.min(starts[i + 1], starts[i] + reach[1]);
    for (let k = starts[i] + (reach?.[0] ?? 0); k < end; k++) {
      if (operands[k] >= 0 && depends[operands[k]] === 1) depends[i] = 1;
    }
    if (reach !== undefined && end > starts[i]) checkCaptured(graph, depends, i);
    if (depends[i] === 0) continue;
    if (applies(nodes[i], compiledResult)) throw throughCompiled(nodes[i]);
    if (prim.derivative.kind === "none") depends[i] = 0;
  }
  return depends;
}

/** @throws GradientError where a derivative by a target would go around the arguments of a call that has a rule */
function checkCaptured({ nodes, operands, starts }: Topology, depends: Uint8Array, i: number): void {
  const node = nodes[i];
  if (applies(node, customCall)) {
    const { rule, args, kept } = node.params as CustomCallParams;
    for (let k = 1 + args + kept; k < node.inputs.length; k++) {
      const position = operands[starts[i] + k];
      if (position >= 0 && depends[position] === 1) rule.refuse(node.inputs[k]);
    }
  } else if (applies(node, customResult) && depends[i] === 0) {
    // A target inside of the call: some value of the function's own that was carried out of it.
    const value = operands[starts[i]];
    if (value >= 0 && depends[value] === 1)
      (node.inputs[1].params as CustomCallParams).rule.refuse(nodes[value]);
  }
}

/** The targets that stand between an alternative's original and what both of its operands are made of. */
function bypassedTargets(graph: Topology, targets: readonly Tensor[]): Set<Tensor> {
  const found = new Set<Tensor>();
  for (const node of graph.nodes) {
    if (!applies(node, alternative)) continue;
    const [, original, operand] = node.inputs;
    for (const inner of topology([original], ({ id }) => id > operand.id).nodes) {
      if (targets.includes(inner)) found.add(inner);
    }
  }
  return found;
}

/** The cotangents of a node's inputs, given its own. */
export function inputCotangents(
  node: Tensor,
  ct: Tensor,
  wanted: readonly boolean[],
): readonly (Tensor | null)[] {
  const { prim, inputs, params } = node;
  const rule = prim.derivative;
  const b = builder;
  switch (rule.kind) {
    case "elementwise": {
      const masked = maskOf(ct);
      const t = masked === null ? ct : masked.value;
      const results = new Array<Tensor | null>(inputs.length);
      for (let k = 0; k < inputs.length; k++) {
        const result = wanted[k] ? (rule.rules[k]?.(b, t, inputs, node, params) ?? null) : null;
        results[k] = masked === null || result === null ? result : b.where(masked.mask, result, 0);
      }
      return results;
    }
    case "linear": {
      const masked = rule.mask === undefined ? null : maskOf(ct);
      if (masked === null) return rule.transpose(b, ct, inputs, params);
      const values = rule.transpose(b, rule.adds ? ct : masked.value, inputs, params);
      const masks = rule.mask?.(b, masked.mask, inputs, params) ?? [];
      return values.map((value, k) => {
        if (value === null || !wanted[k]) return null;
        if (value === masked.value && masks[k] === masked.mask) return ct;
        return b.where(masks[k] as Tensor, value, 0);
      });
    }
    case "multilinear":
      return inputs.map((_, k) => (wanted[k] ? rule.transpose(b, ct, inputs, params, k, node) : null));
    case "explicit": {
      const values = rule.vjp?.(b, ct, inputs, node, params) ?? inputs.map(() => null);
      const masked = rule.mask === undefined ? null : maskOf(ct);
      if (masked === null) return values;
      const masks = rule.mask?.(b, masked.mask, inputs, params) ?? [];
      return values.map((value, k) => value && b.where(masks[k] as Tensor, value, 0));
    }
    case "none":
      return inputs.map(() => null);
  }
}

interface Masked {
  readonly mask: Tensor;
  readonly value: Tensor;
}

/**
 * `where(mask, value, 0)` taken apart. Rules are applied to the value and masked again, so that a derivative that
 * is infinite or NaN where the mask is false never meets the zero: 0 * NaN would be NaN.
 */
function maskOf(ct: Tensor): Masked | null {
  if (!applies(ct, where) || builder.literalValue(ct.inputs[2]) !== 0) return null;
  const [mask, value] = ct.inputs;
  const inner = maskOf(value);
  return inner === null
    ? { mask, value }
    : { mask: builder.bitwise("and", mask, inner.mask), value: inner.value };
}

/** `change` of a cotangent, or of what its mask lets through, which is masked again. */
export function underMask(ct: Tensor, change: (value: Tensor) => Tensor): Tensor {
  const masked = maskOf(ct);
  return masked === null ? change(ct) : builder.where(masked.mask, change(masked.value), 0);
}

/** The sum of two cotangents; masked where both are. */
function addCotangents(x: Tensor, y: Tensor): Tensor {
  const sum = builder.add(x, y);
  const left = maskOf(x);
  const right = left === null ? null : maskOf(y);
  if (left === null || right === null) return sum;
  return builder.where(builder.bitwise("or", left.mask, right.mask), sum, 0);
}

function checkCuts(graph: Topology, targets: readonly Tensor[]): void {
  for (const node of graph.nodes) {
    if (node.cut && targets.some((target) => target !== node && target.id < node.id)) {
      throw new GradientError(
        "the history of a tensor was cut because it had grown beyond 10^6 nodes or 256 MB",
        {
          operation: "gradients",
          remedy: "Differentiate step by step, or mark what is constant with stopGradient",
        },
      );
    }
  }
}

function throughCompiled(node: Tensor): GradientError {
  const { name } = node.params as { name: string };
  return new GradientError(`a derivative was asked through the result of the compiled function ${name}`, {
    operation: "gradients",
    remedy: "Differentiate inside the compiled function, or mark the result as a constant with stopGradient",
  });
}
