import type { Tensor } from "@cotangent/core";
import { type MutatedCall, withMutatedCall } from "./builderCalls.ts";
import { LANE_MUTATIONS } from "./lanes.ts";
import { type Builder, type Call, type Change, type Part, type Results, whileChanged } from "./rule.ts";

/** What a mutant does to a rule. */
export type Mutation =
  /** To what the rule gives for one operand, or (jvp) to one operand's tangent. */
  | { readonly kind: "negate" | "zero" | "scale" | "cut"; readonly operand: number }
  /** The rule of another operand, or what it gives for another one. */
  | { readonly kind: "swap results"; readonly operand: number; readonly other: number }
  | {
      readonly kind: "swap operands";
      readonly operand: number;
      readonly other: number;
      readonly of: number | null;
    }
  /** The rule takes an operand (or, for null, the result) for a constant: the second order is cut. */
  | { readonly kind: "cut operand"; readonly operand: number | null; readonly of: number | null }
  /** One call of the builder is another one. */
  | { readonly kind: "call"; readonly call: MutatedCall; readonly of: number | null }
  | { readonly kind: "mask all" | "mask none"; readonly operand: number }
  | { readonly kind: "no mask" }
  /** Batching: of an operand, or (null) of the result. */
  | { readonly kind: "lanes"; readonly how: string; readonly operand: number | null }
  | { readonly kind: "not mapped"; readonly operand: number };

/** A rule that is wrong in one way: plain data, which workers can be sent. */
export interface Mutant {
  readonly prim: string;
  readonly part: Part;
  readonly mutation: Mutation;
}

export const isFloating = ({ dtype }: Tensor): boolean => dtype.startsWith("float");

/** Wrong by a thousandth. */
const SCALE = 1.001;

/** What a mutant is called, uniquely, in listings and in the table of equivalent ones. */
export function nameOf({ prim, part, mutation }: Mutant): string {
  const of = "of" in mutation && mutation.of !== null ? ` of ${mutation.of}` : "";
  return `${prim}, ${part}${of}: ${describe(mutation)}`;
}

function describe(mutation: Mutation): string {
  switch (mutation.kind) {
    case "call":
      return `${mutation.call.name} ${mutation.call.nth}, ${mutation.call.how}`;
    case "swap results":
    case "swap operands":
      return `${mutation.kind} ${mutation.operand} and ${mutation.other}`;
    case "cut operand":
      return mutation.operand === null ? "cut the result" : `cut operand ${mutation.operand}`;
    case "lanes":
      return `${mutation.how}, ${mutation.operand === null ? "of the result" : `of operand ${mutation.operand}`}`;
    case "no mask":
      return "left out";
    case "cut":
      return `cut what is given for operand ${mutation.operand}`;
    default:
      return `${mutation.kind} operand ${mutation.operand}`;
  }
}

/** Runs `body` with the mutant in the place of the rule. */
export const whileMutated = <T>(mutant: Mutant, body: () => T): T =>
  whileChanged(
    [mutant.prim],
    () => changeOf(mutant),
    body,
    mutant.mutation.kind === "no mask" ? mutant.part : null,
  );

export const sameKind = (x: Tensor | null | undefined, y: Tensor | null | undefined): boolean =>
  x != null && y != null && x.dtype === y.dtype && x.shape.join() === y.shape.join();

/** The change that makes a mutant of its rule; the rule's own results where the mutant does not apply. */
export function changeOf({ part, mutation }: Mutant): Change {
  const change = changeBy(mutation);
  return (call, rule) => (call.part === part && asks(call, mutation) ? change(call, rule) : rule(call));
}

/** Whether a rule that is asked for each operand by itself is asked for the mutant's. */
function asks({ operand }: Call, mutation: Mutation): boolean {
  if (operand === null) return true;
  if ("of" in mutation) return mutation.of === operand;
  return !("operand" in mutation) || mutation.operand === operand;
}

function changeBy(mutation: Mutation): Change {
  switch (mutation.kind) {
    case "negate":
      return changedAt(mutation.operand, (b, x) => b.neg(x));
    case "scale":
      return changedAt(mutation.operand, (b, x) => b.mul(x, SCALE));
    case "cut":
      return changedAt(mutation.operand, (b, x) => b.stopGradient(x));
    case "zero":
      return changedAt(mutation.operand, () => null);
    case "mask all":
      return changedAt(mutation.operand, (b, x) => b.constant(1, x.shape, "bool"));
    case "mask none":
      return changedAt(mutation.operand, (b, x) => b.constant(0, x.shape, "bool"));
    case "swap results":
      return swappedResults(mutation.operand, mutation.other);
    case "swap operands":
      return (call, rule) => rule({ ...call, ...swappedOperands(call, mutation.operand, mutation.other) });
    case "cut operand":
      return (call, rule) => rule({ ...call, ...cutOperand(call, mutation.operand) });
    case "call":
      return (call, rule) => rule({ ...call, b: withMutatedCall(call.b, mutation.call) });
    case "no mask":
      return (call, rule) => rule(call);
    case "lanes":
      return changedLanes(mutation.how, mutation.operand);
    case "not mapped":
      return (call, rule) => rule({ ...call, batched: call.batched.with(mutation.operand, false) });
  }
}

/** Another result for an operand; for jvp, another tangent of it. */
function changedAt(operand: number, change: (b: Builder, x: Tensor) => Tensor | null): Change {
  return (call, rule) => {
    const at = (list: Results, place: number): Results => {
      const own = list[place];
      return own == null ? list : list.with(place, change(call.b, own));
    };
    if (call.part === "jvp") {
      const seeds = at(call.seeds, operand);
      return seeds.every((seed) => seed === null) ? [null] : rule({ ...call, seeds });
    }
    return at(rule(call), call.operand === null ? operand : 0);
  };
}

function swappedResults(operand: number, other: number): Change {
  return (call, rule) => {
    const exchange = (list: Results): Results =>
      sameKind(list[operand], list[other])
        ? list.with(operand, list[other]).with(other, list[operand])
        : list;
    if (call.part === "jvp") return rule({ ...call, seeds: exchange(call.seeds) });
    if (call.operand === null) return exchange(rule(call));
    if (!sameKind(call.inputs[operand], call.inputs[other])) return rule(call);
    return rule({ ...call, operand: other });
  };
}

const swappedOperands = ({ inputs, batched }: Call, i: number, k: number): Partial<Call> =>
  sameKind(inputs[i], inputs[k]) && batched[i] === batched[k]
    ? { inputs: inputs.with(i, inputs[k]).with(k, inputs[i]) }
    : {};

function cutOperand({ b, inputs, out }: Call, operand: number | null): Partial<Call> {
  if (operand === null) return { out: out && b.stopGradient(out) };
  const x = inputs[operand];
  return x === undefined || !isFloating(x) ? {} : { inputs: inputs.with(operand, b.stopGradient(x)) };
}

function changedLanes(how: string, operand: number | null): Change {
  const change = LANE_MUTATIONS[how];
  return (call, rule) => {
    if (operand === null) {
      const [result] = rule(call);
      return [change(call.b, result as Tensor) ?? result];
    }
    if (!call.batched[operand]) return rule(call);
    const changed = change(call.b, call.inputs[operand]);
    return rule(changed === null ? call : { ...call, inputs: call.inputs.with(operand, changed) });
  };
}
