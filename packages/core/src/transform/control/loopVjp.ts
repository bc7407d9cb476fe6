import type { Tensor } from "../../ir/tensor.ts";
import { positionOf, topology } from "../../ir/traversal.ts";
import type { PartParams } from "../../prims/control/call.ts";
import { loopInputs } from "../../prims/control/loop.ts";
import { inputLeaf } from "../../prims/leaves.ts";
import { isFloating } from "../../types/dtype.ts";
import { toShape } from "../../types/shape.ts";
import { GradientError } from "../../util/errors.ts";
import { builder, dependsOn, pullback } from "../vjp.ts";
import { closeOver } from "./close.ts";
import { bodyParameters, type CalledLoop, type LoopData } from "./loopData.ts";
import { carryOf, countOf, loopCall, placeholdersLike, stackOf } from "./parts.ts";
import { keptFrom } from "./residuals.ts";
import { summedProduct } from "./sums.ts";

/** What flows into the backward loop from outside, by what it belongs to. */
interface Received {
  /** For each carry, the cotangent of its last value. */
  readonly last: readonly (Tensor | null)[];
  /** Values of the body that were stacked, and the stacks' cotangents. */
  readonly stacked: readonly Tensor[];
  readonly stacks: readonly Tensor[];
}

function sorted(
  { body, carries }: LoopData,
  parts: readonly PartParams[],
  cotangents: readonly Tensor[],
): Received {
  const last = new Array<Tensor | null>(carries).fill(null);
  const stacked: Tensor[] = [];
  const stacks: Tensor[] = [];
  parts.forEach(({ kind, index }, i) => {
    if (kind === "result") {
      const before = last[index];
      last[index] = before === null ? cotangents[i] : builder.add(before, cotangents[i]);
    } else if (kind === "stack") {
      stacked.push(body.tensors[index]);
      stacks.push(cotangents[i]);
    }
  });
  return { last, stacked, stacks };
}

function unbounded(operation: string): GradientError {
  return new GradientError(
    "the number of steps has no bound, so there is no place to keep what going back needs",
    {
      operation,
      remedy: "Give maxSteps, or use forward mode (jvp)",
    },
  );
}

/** One step back: the cotangents of the parameters, given those of the results, for placeholders of a kind. */
interface StepBack {
  /** Carries whose cotangents are carried backwards. */
  readonly carried: readonly number[];
  readonly ofState: readonly Tensor[];
  readonly ofStacked: readonly Tensor[];
  /** The cotangents of all parameters of the body, null for those that are not wanted or not reached. */
  readonly results: readonly (Tensor | null)[];
}

/** Which parameters depend on what is wanted: a carry also by the steps before, which are taken until no more do. */
function dependent({ body, carries }: LoopData, wanted: readonly boolean[]): readonly boolean[] {
  const results = body.results.slice(0, carries);
  const graph = topology(results);
  let own = wanted;
  for (;;) {
    const depends = dependsOn(graph, body.parameters.filter((_, i) => own[i])); // biome-ignore format: one call
    const next = own.map((is, i) => is || (i < carries && depends[positionOf(graph, results[i])] === 1));
    if (next.every((is, i) => is === own[i])) return own;
    own = next;
  }
}

/** Carries get a cotangent from outside, or from a step that came later: steps are taken until no more do. */
function stepBack(data: LoopData, { last, stacked }: Received, wanted: readonly boolean[]): StepBack {
  const { body, carries } = data;
  const moving = dependent(data, wanted);
  const ofStacked = placeholdersLike(stacked, "stack");
  const state = placeholdersLike(body.results.slice(0, carries), "cotangent");
  let reached = last.map((ct, i) => ct !== null && moving[i]);
  for (;;) {
    const carried = reached.flatMap((is, i) => (is ? [i] : []));
    const targets = body.parameters.filter((one, i) => isFloating(one.dtype) && moving[i]);
    const given = pullback(
      [...carried.map((i) => body.results[i]), ...stacked],
      [...carried.map((i) => state[i]), ...ofStacked],
      targets,
    );
    const byTarget = new Map(targets.map((target, i) => [target, given[i]]));
    const results = body.parameters.map((one) => byTarget.get(one) ?? null);
    const next = reached.map((is, i) => is || results[i] !== null);
    if (next.every((is, i) => is === reached[i])) {
      return { carried, ofState: carried.map((i) => state[i]), ofStacked, results };
    }
    reached = next;
  }
}

/**
 * Reverse mode: the same steps from the last to the first. It carries the cotangents of what the loop carried, and the sums of
 * those of what all steps use; what a step back needs of the step forth is stacked on the way.
 */
export function loopCotangents(
  { call, params, make }: CalledLoop,
  parts: readonly PartParams[],
  cotangents: readonly Tensor[],
  wanted: readonly boolean[],
): readonly (Tensor | null)[] {
  if (params.length < 0) throw unbounded(params.operation);
  const { body, carries, sequences, counted, length, reverse, condition } = params;
  const given = loopInputs(call.inputs, params);
  const asked = loopInputs(wanted, params);
  const { state, elements, step, rest } = bodyParameters(params);
  const received = sorted(params, parts, cotangents);
  const back = stepBack(params, received, [...asked.initial, ...asked.sequences, false, ...asked.ofBody]);
  const ofElements = elements.flatMap((_, i) => (back.results[carries + i] === null ? [] : [i]));
  const isCounted = condition !== null || counted;
  const used = rest.flatMap((_, i) => {
    const ct = back.results[carries + sequences + 1 + i];
    // Of steps that are not taken nothing is stacked.
    return ct === null ? [] : [{ i, ct, product: isCounted ? null : summedProduct(ct) }];
  });
  const added = used.filter(({ product }) => product === null);
  const multiplied = used.flatMap(({ i, product }) => (product === null ? [] : [{ i, product }]));
  const sums = placeholdersLike(
    added.map(({ i }) => rest[i]),
    "sum",
  );
  const carried = [
    ...back.carried.map((i) => back.results[i] ?? builder.literal(0, state[i])),
    ...added.map(({ ct }, k) => builder.add(sums[k], ct)),
  ];
  const stacked = [
    ...ofElements.map((i) => back.results[carries + i] as Tensor),
    ...multiplied.flatMap(({ product }) => product.operands),
  ];
  const kept = keptFrom([...carried, ...stacked], body, new Set([step, ...rest, ...elements]));
  const index = inputLeaf("step", toShape([]), "int32");
  const rewritten = kept.rewrite([...carried, ...stacked], new Map([[step, index]]));
  const along = [...back.ofStacked, ...elements, ...kept.placeholders];
  const parameters = [...back.ofState, ...sums, ...along, index, ...rest];
  const closed = closeOver(parameters, rewritten);
  const sequencesBack = [
    ...received.stacks,
    ...given.sequences,
    ...kept.values.map((value) => stackOf(call, value)),
  ];
  const inputs = [
    ...back.carried.map((i) => received.last[i] ?? builder.literal(0, state[i])),
    ...sums.map((sum) => builder.literal(0, sum)),
    ...sequencesBack,
    ...(condition !== null ? [countOf(call)] : given.count),
    ...given.ofBody,
    ...closed.captured,
  ];
  const backward = loopCall(
    inputs,
    make({
      operation: params.operation,
      body: closed.body,
      condition: null,
      carries: carried.length,
      sequences: along.length,
      counted: isCounted,
      length,
      reverse: !reverse,
    }),
  );
  /** All steps' values of what is stacked: what the loop goes along is there already. */
  const allOf = (k: number): Tensor => {
    const value = closed.body.results[carried.length + k];
    const place = along.indexOf(value);
    return place >= 0 ? sequencesBack[place] : stackOf(backward, value);
  };
  const own = new Map<number, Tensor>();
  back.carried.forEach((i, k) => {
    own.set(i, carryOf(backward, k));
  });
  ofElements.forEach((i, k) => {
    own.set(carries + i, allOf(k));
  });
  const restAt = carries + sequences + (counted ? 1 : 0);
  added.forEach(({ i }, k) => {
    own.set(restAt + i, carryOf(backward, back.carried.length + k));
  });
  multiplied.forEach(({ i, product }, k) => {
    const at = ofElements.length + 2 * k;
    own.set(restAt + i, product.total([allOf(at), allOf(at + 1)]));
  });
  return call.inputs.map((_, i) => (wanted[i] ? (own.get(i) ?? null) : null));
}
