import { loopInputs } from "@cotangent/core";
import { bytesOf } from "../emit/vector.ts";
import { nodesOfSlots } from "../graph.ts";
import type { ControlItem } from "../items.ts";
import type { Assembled, Plan } from "../program.ts";
import type { CompiledLoop } from "./bodies.ts";
import { fixed, type Home, Section } from "./merge.ts";
import { LOOP } from "./words.ts";

/** Steps that a loop is thought to take where that is not known. */
const UNKNOWN_STEPS = 16;
const NO_LIMIT = 0x7fffffff;

/**
 * A loop as instructions: what it carries is copied into memory of its own, then come the condition, `loopStep`, which settles
 * whether there is another step and writes the addresses of that step's elements into the descriptors of the body, the body,
 * and a jump back. Carries are written over in place wherever the body's own schedule allows.
 */
export function assembleLoop(
  into: Assembled,
  group: number,
  { sources, parts }: ControlItem,
  { plans: [body, condition], params, updates, stacked }: CompiledLoop,
): void {
  const steps = params.length < 0 ? UNKNOWN_STEPS : params.length;
  const section = new Section(into, group, 1);
  const given = loopInputs(sources, params);
  section.reads.push(...new Set(sources));
  section.writes.push(...parts.map(({ buffer }) => buffer));
  const bytesIn = (buffer: number): number => into.buffers[buffer].size * bytesOf(into.buffers[buffer].dtype);
  const partOf = (kind: string, index: number) =>
    parts.find((one) => one.kind === kind && one.index === index)?.buffer;

  const skip = section.label();
  section.jump("mainOnly", skip.descriptor);
  const carried = given.initial.map((source, i) => {
    const { size, dtype } = into.buffers[source];
    const home = fixed(partOf("result", i) ?? section.buffer(size, dtype));
    section.copy(home, fixed(source), bytesIn(source));
    return home;
  });
  // What stands behind the last step is read by what is made of whole stacks.
  if (params.counted || condition !== undefined) {
    for (const { kind, index, buffer } of parts)
      if (kind === "stack" && partOf(kind, index) === buffer) section.zero(fixed(buffer), bytesIn(buffer));
  }
  const flag = condition === undefined ? null : fixed(section.buffer(1, "bool"));
  const counter = fixed(section.buffer(1, "int32"));

  const control = section.descriptor(new Array(LOOP.table).fill(0));
  const own = section.open(control);
  own.words[LOOP.limit] = params.length < 0 ? NO_LIMIT : params.length;
  own.words[LOOP.reverse] = params.reverse ? 1 : 0;
  section.point(control, LOOP.step, counter);
  if (params.counted) section.point(control, LOOP.count, fixed(given.count[0]));
  if (flag !== null) section.point(control, LOOP.goesOn, flag);
  const steppedPart = partOf("count", 0);
  if (steppedPart !== undefined) section.point(control, LOOP.steps, fixed(steppedPart));
  section.add("loopBegin", control);

  const again = section.label();
  again.here();
  section.repeats = steps;
  if (condition !== undefined) {
    const slots = nodesOfSlots(condition.graph);
    const homes = new Map<number, Home>();
    carried.forEach((home, i) => {
      setHome(homes, slots.get(i), home);
    });
    given.ofCondition.forEach((source, i) => {
      setHome(homes, slots.get(carried.length + i), fixed(source));
    });
    homes.set(condition.outputs[0].buffer, flag as Home);
    mergeWith(section, condition, homes);
  }
  section.add("loopStep", control);
  section.jump("jump", control);
  own.relocations.push({ word: LOOP.body, kind: "record", record: section.next });

  const homes = new Map<number, Home>();
  const slots = nodesOfSlots(body.graph);
  const { sequences, ofBody } = given;
  carried.forEach((home, i) => {
    setHome(homes, slots.get(i), home);
  });
  sequences.forEach((source, i) => {
    const step =
      bytesOf(into.buffers[source].dtype) * (into.buffers[source].size / Math.max(1, params.length));
    setHome(homes, slots.get(carried.length + i), { buffer: source, offset: 0, step });
  });
  const stepAt = carried.length + sequences.length;
  setHome(homes, slots.get(stepAt), counter);
  ofBody.forEach((source, i) => {
    setHome(homes, slots.get(stepAt + 1 + i), fixed(source));
  });
  body.outputs.forEach(({ buffer }, i) => {
    const { size, dtype } = body.buffers[buffer];
    const part = partOf("stack", stacked[i]);
    if (part !== undefined) homes.set(buffer, { buffer: part, offset: 0, step: size * bytesOf(dtype) });
  });
  const late: { readonly to: Home; readonly from: Home; readonly bytes: number }[] = [];
  updates.forEach((update, i) => {
    if (update < 0) return;
    const { buffer, overwrites } = body.updates[update];
    const { size, dtype } = body.buffers[buffer];
    if (overwrites >= 0 && !homes.has(buffer)) {
      homes.set(buffer, carried[i]);
      return;
    }
    if (!homes.has(buffer)) homes.set(buffer, fixed(section.buffer(size, dtype)));
    late.push({ to: carried[i], from: homes.get(buffer) as Home, bytes: size * bytesOf(dtype) });
  });
  mergeWith(section, body, homes);
  for (const { to, from, bytes } of late) section.copy(to, from, bytes);
  const shared = section.isShared;
  if (shared) section.add("barrier", control, 0);
  section.jump("jump", again.descriptor);
  own.relocations.push({ word: LOOP.end, kind: "record", record: section.next });
  section.repeats = 1;
  parts.forEach(({ buffer, kind, index }) => {
    const first = partOf(kind, index) as number;
    if (first !== buffer) section.copy(fixed(buffer), fixed(first), bytesIn(buffer));
  });
  section.table(control);
  skip.here();
  section.add("barrier", control, 0);
  section.settle(shared);
}

function setHome(homes: Map<number, Home>, node: number | undefined, home: Home): void {
  if (node !== undefined) homes.set(node, home);
}

/** A plan whose other values lie in memory of the section's, as its own layout says. */
export function mergeWith(section: Section, plan: Plan, homes: ReadonlyMap<number, Home>): void {
  const { offsets, bytes } = plan.arena;
  const arena = bytes === 0 ? -1 : section.buffer(Math.ceil(bytes / 8), "float64");
  section.merge(plan, (buffer) => {
    const offset = offsets.get(buffer);
    return homes.get(buffer) ?? (offset === undefined ? null : fixed(arena, offset));
  });
}
