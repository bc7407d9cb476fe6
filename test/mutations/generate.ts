import { counted, mutationsOf } from "./builderCalls.ts";
import { flowsFrom, sameResults } from "./graph.ts";
import { LANE_MUTATIONS } from "./lanes.ts";
import { changeOf, isFloating, type Mutant, type Mutation, nameOf } from "./mutant.ts";
import type { Call, Part, Results, Rule } from "./rule.ts";

/** A call of a rule that was seen, and the rule. */
export interface Seen {
  readonly prim: string;
  readonly call: Call;
  readonly rule: Rule;
}

/** Of a loop in a rule the first calls are mutated. */
const MOST_CALLS = 6;
/** Of operations of any number of operands (concat) the first ones. */
const MOST_OPERANDS = 3;

/** All mutants of rules, made from calls of them: those that change what some call gives. Sorted by name. */
export function mutantsOf(seen: readonly Seen[]): readonly Mutant[] {
  const found = new Map<string, Mutant>();
  for (const one of seen) {
    const { prim, call, rule } = one;
    const results = rule(call);
    for (const mutation of mutationsIn(one, results)) {
      const mutant: Mutant = { prim, part: call.part, mutation };
      const name = nameOf(mutant);
      if (!found.has(name) && differs(mutant, one, results)) found.set(name, mutant);
    }
  }
  return [...found.keys()].sort().map((name) => found.get(name) as Mutant);
}

/** Whether the mutant gives anything else for a call; an error is something else, too. */
function differs(mutant: Mutant, { call, rule }: Seen, results: Results): boolean {
  if (mutant.mutation.kind === "no mask") return true;
  try {
    return !sameResults(call, results, changeOf(mutant)(call, rule));
  } catch {
    return true;
  }
}

function* mutationsIn(seen: Seen, results: Results): Iterable<Mutation> {
  const { call } = seen;
  if (call.part === "batch") yield* ofLanes(call);
  else if (call.part === "mask") yield* ofMasks(results);
  else yield* ofDerivative(call, results);
  yield* ofCalls(seen);
}

const firstOf = (count: number): number[] =>
  Array.from({ length: Math.min(count, MOST_OPERANDS) }, (_, i) => i);

const pairs = (places: readonly number[]): (readonly [number, number])[] =>
  places.flatMap((operand) =>
    places.filter((other) => other > operand).map((other) => [operand, other] as const),
  );

/** The operands that a rule gives something for. */
function operandsOf({ part, operand, seeds }: Call, results: Results): number[] {
  if (operand !== null) return results[0] === null ? [] : [operand];
  const list = part === "jvp" ? seeds : results;
  return firstOf(list.length).filter((k) => list[k] !== null);
}

/** Whether an operand is floating, and given in no other place: what flows from it flows from there. */
function isAlone({ inputs }: Call, operand: number): boolean {
  const x = inputs[operand];
  return isFloating(x) && inputs.indexOf(x) === inputs.lastIndexOf(x);
}

function* ofDerivative(call: Call, results: Results): Iterable<Mutation> {
  const { operand: of, inputs, out } = call;
  for (const operand of operandsOf(call, results)) {
    for (const kind of ["negate", "zero", "scale", "cut"] as const) yield { kind, operand };
  }
  for (const [operand, other] of pairs(operandsOf(call, results)))
    yield { kind: "swap results", operand, other };
  for (const [operand, other] of pairs(firstOf(inputs.length))) {
    yield { kind: "swap operands", operand, other, of };
    if (of !== null) yield { kind: "swap results", operand: of, other: of === operand ? other : operand };
  }
  for (const operand of firstOf(inputs.length)) {
    if (isAlone(call, operand) && flowsFrom(call, results, inputs[operand]))
      yield { kind: "cut operand", operand, of };
  }
  if (out !== null && flowsFrom(call, results, out)) yield { kind: "cut operand", operand: null, of };
}

function* ofMasks(results: Results): Iterable<Mutation> {
  yield { kind: "no mask" };
  const operands = firstOf(results.length).filter((k) => results[k] !== null);
  for (const operand of operands) {
    yield { kind: "mask all", operand };
    yield { kind: "mask none", operand };
  }
  for (const [operand, other] of pairs(operands)) yield { kind: "swap results", operand, other };
}

function* ofLanes({ inputs, batched }: Call): Iterable<Mutation> {
  const mapped = firstOf(inputs.length).filter((k) => batched[k]);
  for (const how of Object.keys(LANE_MUTATIONS)) {
    for (const operand of [...mapped, null]) yield { kind: "lanes", how, operand };
  }
  for (const operand of mapped) yield { kind: "not mapped", operand };
  for (const [operand, other] of pairs(firstOf(inputs.length)))
    yield { kind: "swap operands", operand, other, of: null };
}

function* ofCalls({ call, rule }: Seen): Iterable<Mutation> {
  const counts = new Map<string, number>();
  rule({ ...call, b: counted(call.b, counts) });
  for (const [name, count] of counts) {
    for (let nth = 0; nth < Math.min(count, MOST_CALLS); nth++) {
      for (const how of mutationsOf(name)) yield { kind: "call", call: { name, nth, how }, of: call.operand };
    }
  }
}

/** What a rule is called: all trials that call it may find its mutants. */
export const ruleName = (prim: string, part: Part, operand: number | null): string =>
  `${prim}, ${part}${operand === null ? "" : ` of ${operand}`}`;
