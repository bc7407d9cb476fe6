import type { Primitive } from "../../ir/primitive.ts";
import type { Body } from "./body.ts";
import type { BranchParams } from "./branch.ts";
import type { PartParams } from "./call.ts";
import type { LoopParams } from "./loop.ts";
import { part } from "./part.ts";

type Call = LoopParams | BranchParams;

const isLoop = (params: Call): params is LoopParams => "body" in params;

const found = new WeakMap<Call, Map<string, ReadonlySet<number>>>();

/** Which inputs of a loop or a branch one of its parts depends on; others may change as they like. */
export function reachOf(params: Call, one: PartParams): ReadonlySet<number> {
  const known = found.get(params) ?? new Map<string, ReadonlySet<number>>();
  found.set(params, known);
  const key = `${one.kind} ${one.index}`;
  const reach = known.get(key) ?? (isLoop(params) ? reachOfLoop(params, one) : reachOfBranch(params, one));
  known.set(key, reach);
  return reach;
}

/** Which parameters of a body values in some places of it depend on. */
function parametersOf({ nodes, parameters }: Body, places: Iterable<number>): number[] {
  const stack = [...places];
  const seen = new Set<number>();
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    const { prim, inputs, params } = nodes[place];
    if (prim !== (part as unknown as Primitive)) stack.push(...inputs);
    else {
      const call = nodes[inputs[0]];
      for (const i of reachOf(call.params as Call, params as PartParams)) stack.push(call.inputs[i]);
    }
  }
  return [...seen].filter((place) => place < parameters.length);
}

function reachOfLoop({ body, condition, carries, sequences, counted }: LoopParams, one: PartParams) {
  const reach = new Set<number>();
  const rest = carries + sequences + (counted ? 1 : 0);
  const ofCondition = rest + body.parameters.length - carries - sequences - 1;
  /** Carries whose values at every step matter, and those that have been followed. */
  const wanted: number[] = [];
  const ofBody = (places: readonly number[]): void => {
    for (const i of parametersOf(body, places)) {
      if (i < carries) wanted.push(i);
      else if (i < carries + sequences) reach.add(i);
      else if (i > carries + sequences) reach.add(rest + i - carries - sequences - 1);
    }
  };
  // How many steps there are.
  if (counted) reach.add(rest - 1);
  if (condition !== null) {
    for (const i of parametersOf(condition, [condition.placeOf(condition.results[0])])) {
      if (i < carries) wanted.push(i);
      else reach.add(ofCondition + i - carries);
    }
  }
  if (one.kind === "result") wanted.push(one.index);
  if (one.kind === "stack") ofBody([one.index]);
  for (let i = wanted.pop(); i !== undefined; i = wanted.pop()) {
    if (reach.has(i)) continue;
    reach.add(i);
    ofBody([body.placeOf(body.results[i])]);
  }
  return reach;
}

function reachOfBranch({ bodies }: BranchParams, one: PartParams) {
  const places = bodies.flatMap((body) => parametersOf(body, [body.placeOf(body.results[one.index])]));
  return new Set([0, ...places.map((i) => i + 1)]);
}
