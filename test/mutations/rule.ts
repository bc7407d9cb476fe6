import type { Primitive, Tensor } from "@cotangent/core";
import { applyPrimitive, primitive } from "../gradients/support/primitive.ts";

type Derivative = Primitive["derivative"];
type Elementwise = Extract<Derivative, { kind: "elementwise" }>;
type BatchFunction = Exclude<Primitive["batch"], "same">;

/** What rules build with. */
export type Builder = Parameters<Exclude<Elementwise["rules"][number], null>>[0];

/** The rules that a primitive may have: of an elementwise operand, of a transpose, ..., of batching. */
export type Part = "partial" | "transpose" | "vjp" | "jvp" | "mask" | "batch";

/** One call of a rule, whatever its kind. */
export interface Call {
  readonly part: Part;
  /** The operand that the rule is asked for, where it is asked for each by itself; else null. */
  readonly operand: number | null;
  readonly b: Builder;
  /** The tangent, cotangent or mask; for jvp the tangents of all operands; none for batching. */
  readonly seeds: readonly (Tensor | null)[];
  readonly inputs: readonly Tensor[];
  /** The result of the operation, for rules that are given it. */
  readonly out: Tensor | null;
  readonly params: object;
  /** For batching: which inputs have the new axis, and its size. */
  readonly batched: readonly boolean[];
  readonly size: number;
}

/** What a call gives: one tensor, or for transpose, vjp and mask one for each operand. */
export type Results = readonly (Tensor | null)[];
export type Rule = (call: Call) => Results;
/** What is done instead of a rule. */
export type Change = (call: Call, rule: Rule) => Results;

const NO_CALL = { operand: null, seeds: [], out: null, batched: [], size: 0 } as const;
const one = (results: Results): Tensor => results[0] as Tensor;

function changedDerivative(derivative: Derivative, change: Change, without: Part | null): Derivative {
  switch (derivative.kind) {
    case "elementwise": {
      const { rules } = derivative;
      const rule: Rule = ({ b, operand, seeds, inputs, out, params }) => [
        rules[operand as number]?.(b, one(seeds), inputs, out as Tensor, params as never) ?? null,
      ];
      return {
        kind: "elementwise",
        rules: rules.map(
          (own, operand) =>
            own &&
            ((b, t, inputs, out, params) =>
              change({ ...NO_CALL, part: "partial", operand, b, seeds: [t], inputs, out, params }, rule)[0]),
        ),
      };
    }
    case "linear": {
      const rule: Rule = ({ b, seeds, inputs, params }) =>
        derivative.transpose(b, one(seeds), inputs, params as never);
      return {
        kind: "linear",
        adds: derivative.adds,
        transpose: (b, ct, inputs, params) =>
          change({ ...NO_CALL, part: "transpose", b, seeds: [ct], inputs, params }, rule),
        mask: changedMask(derivative, change, without),
      };
    }
    case "multilinear": {
      const rule: Rule = ({ b, seeds, inputs, params, operand, out }) => [
        derivative.transpose(b, one(seeds), inputs, params as never, operand as number, out as Tensor),
      ];
      return {
        kind: "multilinear",
        transpose: (b, ct, inputs, params, operand, out) =>
          one(change({ ...NO_CALL, part: "partial", operand, b, seeds: [ct], inputs, out, params }, rule)),
      };
    }
    case "explicit": {
      const { vjp, jvp } = derivative;
      return {
        kind: "explicit",
        vjp:
          vjp &&
          ((b, ct, inputs, out, params) =>
            change({ ...NO_CALL, part: "vjp", b, seeds: [ct], inputs, out, params }, (call) =>
              vjp(call.b, one(call.seeds), call.inputs, call.out as Tensor, call.params as never),
            )),
        jvp:
          jvp &&
          ((b, seeds, inputs, out, params) =>
            change({ ...NO_CALL, part: "jvp", b, seeds, inputs, out, params }, (call) => [
              jvp(call.b, call.seeds, call.inputs, call.out as Tensor, call.params as never),
            ])[0]),
        mask: changedMask(derivative, change, without),
      };
    }
    case "none":
      return derivative;
  }
}

function changedMask(
  { mask }: Extract<Derivative, { kind: "linear" | "explicit" }>,
  change: Change,
  without: Part | null,
): typeof mask {
  if (mask === undefined || without === "mask") return undefined;
  return (b, seed, inputs, params) =>
    change({ ...NO_CALL, part: "mask", b, seeds: [seed], inputs, params }, (call) =>
      mask(call.b, one(call.seeds), call.inputs, call.params as never),
    );
}

/** What `"same"` means, as a function. */
const sameRule =
  (name: string): Rule =>
  ({ b, inputs, batched, params, size }) => [
    applyPrimitive(
      name,
      inputs.map((x, k) => (batched[k] ? x : b.broadcast(x, [size, ...x.shape]))),
      params,
    ),
  ];

function changedBatch({ name, batch }: Primitive, change: Change): BatchFunction {
  const rule: Rule =
    batch === "same"
      ? sameRule(name)
      : ({ b, inputs, batched, params, size }) => [batch(b, inputs, batched, params as never, size)];
  return (b, inputs, batched, params, size) =>
    one(change({ ...NO_CALL, part: "batch", b, inputs, batched, params, size }, rule));
}

/** Runs `body` while all rules of some primitives are changed; `without` names one that is left out. */
export function whileChanged<T>(
  names: readonly string[],
  change: (name: string) => Change,
  body: () => T,
  without: Part | null = null,
): T {
  const originals = names.map((name) => {
    const definition: { -readonly [P in keyof Primitive]: Primitive[P] } = primitive(name);
    const { derivative, batch } = definition;
    definition.derivative = changedDerivative(derivative, change(name), without);
    definition.batch = changedBatch({ ...definition, batch } as Primitive, change(name));
    return () => {
      definition.derivative = derivative;
      definition.batch = batch;
    };
  });
  try {
    return body();
  } finally {
    for (const restore of originals) restore();
  }
}

/** The rules that a primitive has: those that must be changed to be tested. */
export function partsOf({ derivative, batch }: Primitive): Part[] {
  const parts: Part[] = batch === undefined ? [] : ["batch"];
  if (derivative.kind === "elementwise" || derivative.kind === "multilinear") parts.push("partial");
  if (derivative.kind === "linear") parts.push("transpose");
  if (derivative.kind === "explicit") {
    if (derivative.vjp !== undefined) parts.push("vjp");
    if (derivative.jvp !== undefined) parts.push("jvp");
  }
  if ((derivative.kind === "linear" || derivative.kind === "explicit") && derivative.mask !== undefined)
    parts.push("mask");
  return parts;
}
