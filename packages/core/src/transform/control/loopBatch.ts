import type { Tensor } from "../../ir/tensor.ts";
import { Body } from "../../prims/control/body.ts";
import type { BatchedValue, PartParams } from "../../prims/control/call.ts";
import { loopInputs } from "../../prims/control/loop.ts";
import { inputLeaf } from "../../prims/leaves.ts";
import { toShape } from "../../types/shape.ts";
import { batchNodes } from "../lanes.ts";
import { builder } from "../vjp.ts";
import { closeOver } from "./close.ts";
import { bodyParameters, type LoopData, type LoopRule } from "./loopData.ts";
import { carryOf, countOf, loopCall, stackOf } from "./parts.ts";

interface Mapped {
  readonly inputs: readonly Tensor[];
  readonly batched: readonly boolean[];
  readonly size: number;
}

type Flags = ReturnType<typeof loopInputs<boolean>>;

/** Axis 0 and axis 1 in each other's place: of lanes and steps. */
const swapped = (x: Tensor): Tensor =>
  builder.permute(
    x,
    x.shape.map((_, axis) => (axis < 2 ? 1 - axis : axis)),
  );

/** Placeholders with the axis of the lanes in front where `flags` says so; else those that are there. */
const lanesOf = (tensors: readonly Tensor[], flags: readonly boolean[], size: number): Tensor[] =>
  tensors.map((one, i) => (flags[i] ? inputLeaf("lanes", toShape([size, ...one.shape]), one.dtype) : one));

const mapOf = (from: readonly Tensor[], to: readonly Tensor[]): Map<Tensor, Tensor> =>
  new Map(from.flatMap((one, i) => (one === to[i] ? [] : [[one, to[i]] as const])));

const widened = ({ value, batched }: BatchedValue, size: number): Tensor =>
  batched ? value : builder.broadcast(value, [size, ...value.shape]);

/** The body for all lanes. */
class Lanes {
  readonly state: readonly Tensor[];
  readonly elements: readonly Tensor[];
  readonly rest: readonly Tensor[];
  readonly values: readonly BatchedValue[];

  constructor(
    data: LoopData,
    readonly flags: readonly boolean[],
    given: Flags,
    stacked: readonly Tensor[],
    size: number,
  ) {
    const { state, elements, rest } = bodyParameters(data);
    this.state = lanesOf(state, flags, size);
    this.elements = lanesOf(elements, given.sequences, size);
    this.rest = lanesOf(rest, given.ofBody, size);
    const map = mapOf([...state, ...elements, ...rest], [...this.state, ...this.elements, ...this.rest]);
    this.values = batchNodes([...data.body.results.slice(0, data.carries), ...stacked], map, size);
  }

  /** Whether no carry differs from lane to lane but those that were said to. */
  get isConsistent(): boolean {
    return this.flags.every((flag, i) => flag || !this.values[i].batched);
  }

  /** Carries that differ after a step, too. */
  get differing(): boolean[] {
    return this.flags.map((flag, i) => flag || this.values[i].batched);
  }
}

/** What decides, lane by lane, whether there is another step. */
interface Deciding {
  /** What it uses, as parameters of the body and of the condition. */
  readonly parameters: readonly Tensor[];
  readonly inputs: readonly Tensor[];
  /** Whether a lane takes this step. */
  readonly active: Tensor;
  /** How many steps each lane has taken. */
  readonly taken: Tensor;
}

/** Whether the condition gives the same in every lane, and what it gives. `state` and `rest` are in the places of its parameters. */
const condition = (
  { condition: body }: LoopData,
  state: readonly Tensor[],
  rest: readonly Tensor[],
  size: number,
): BatchedValue | null =>
  body === null ? null : batchNodes(body.results, mapOf(body.parameters, [...state, ...rest]), size)[0];

/**
 * A loop over all lanes at once. A carry that differs from lane to lane at one step does from the first on. Where lanes take
 * different numbers of steps, the loop goes on as long as one of them does, and those that are done keep what they have.
 */
export function batchLoop(
  { inputs, batched, size }: Mapped,
  { params, make }: LoopRule,
  parts: readonly PartParams[],
): readonly BatchedValue[] {
  const { body, carries, condition: goesOn } = params;
  const given = loopInputs(inputs, params);
  const flags = loopInputs(batched, params);
  const stacked = parts.flatMap(({ kind, index }) => (kind === "stack" ? [body.tensors[index]] : []));
  const tried = (state: readonly boolean[]) => new Lanes(params, state, flags, stacked, size);
  let lanes = tried(flags.initial);
  while (!lanes.isConsistent) lanes = tried(lanes.differing);
  const ownState = goesOn?.parameters.slice(0, carries) ?? [];
  const ownRest = goesOn === null ? [] : lanesOf(goesOn.parameters.slice(carries), flags.ofCondition, size);
  // A carry that is the same in every lane stands for itself.
  const mixed = ownState.map((one, i) => (lanes.flags[i] ? lanes.state[i] : one));
  const isUneven = flags.count[0] === true || condition(params, mixed, ownRest, size)?.batched === true;
  if (isUneven && lanes.flags.includes(false)) lanes = tried(lanes.flags.map(() => true));

  const { step } = bodyParameters(params);
  const deciding = isUneven ? decidingFor(params, lanes, ownRest, given, step, size) : null;
  const own = lanes.values.slice(0, carries).map((value, i) => {
    if (!lanes.flags[i]) return value.value;
    const next = widened(value, size);
    return deciding === null ? next : builder.where(alongLanes(deciding.active, next), next, lanes.state[i]);
  });
  const counters = deciding === null ? [] : [deciding.taken];
  const counted = counters.map((taken) =>
    builder.add(taken, builder.cast((deciding as Deciding).active, "int32")),
  );
  const stacks = lanes.values.slice(carries);
  const parameters = [
    ...lanes.state,
    ...counters,
    ...lanes.elements,
    step,
    ...lanes.rest,
    ...(deciding?.parameters ?? []),
  ];
  const results = [...own, ...counted, ...stacks.map(({ value }) => value)];
  const closed = closeOver(parameters, results);
  const wider = (value: Tensor, i: number): Tensor =>
    lanes.flags[i] ? widened({ value, batched: flags.initial[i] }, size) : value;
  const call = loopCall(
    [
      ...given.initial.map(wider),
      ...counters.map((taken) => builder.literal(0, taken)),
      ...given.sequences.map((value, i) => (flags.sequences[i] ? swapped(value) : value)),
      ...given.count.map((count) => (isUneven ? greatest(count) : count)),
      ...given.ofBody,
      ...(deciding?.inputs ?? []),
      ...closed.captured,
      ...given.ofCondition,
    ],
    make({
      ...params,
      body: closed.body,
      condition:
        goesOn === null
          ? null
          : deciding === null
            ? new Body([...mixed, ...ownRest], goesOn.results)
            : new Body(
                [...lanes.state, deciding.taken, ...ownRest],
                [builder.reduce("or", deciding.active, [0])],
              ),
      carries: carries + counters.length,
    }),
  );
  let next = 0;
  return parts.map(({ kind, index }): BatchedValue => {
    if (kind === "result") return { value: carryOf(call, index), batched: lanes.flags[index] };
    if (kind === "count") {
      return deciding === null
        ? { value: countOf(call), batched: false }
        : { value: carryOf(call, carries), batched: true };
    }
    const { batched: differs } = stacks[next];
    const stack = stackOf(call, closed.body.results[carries + counters.length + next++]);
    return { value: differs ? swapped(stack) : stack, batched: differs };
  });
}

/** Lanes go on by themselves: by the condition of each, or by the number of steps of each. */
function decidingFor(
  params: LoopData,
  lanes: Lanes,
  rest: readonly Tensor[],
  given: ReturnType<typeof loopInputs<Tensor>>,
  step: Tensor,
  size: number,
): Deciding {
  const taken = inputLeaf("taken", toShape([size]), "int32");
  const goesOn = condition(params, lanes.state, rest, size);
  if (goesOn !== null) {
    return { parameters: rest, inputs: given.ofCondition, active: widened(goesOn, size), taken };
  }
  const counts = inputLeaf("counts", toShape([size]), "int32");
  const active = builder.compare("less", builder.broadcast(step, [size]), counts);
  return { parameters: [counts], inputs: given.count, active, taken };
}

/** The most steps that a lane takes, 0 where there are no lanes. */
const greatest = (counts: Tensor): Tensor =>
  counts.size === 0 ? builder.constant(0, toShape([]), "int32") : builder.reduce("max", counts, [0]);

/** One flag for each lane, as long as a value of that lane. */
const alongLanes = (active: Tensor, { shape }: Tensor): Tensor =>
  builder.broadcast(builder.reshape(active, [shape[0], ...shape.slice(1).map(() => 1)]), shape);
