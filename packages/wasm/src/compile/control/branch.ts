import { bytesOf } from "../emit/vector.ts";
import { nodesOfSlots } from "../graph.ts";
import type { ControlItem } from "../items.ts";
import type { Assembled } from "../program.ts";
import type { CompiledBranch } from "./bodies.ts";
import { mergeWith } from "./loop.ts";
import { fixed, type Home, Section } from "./merge.ts";
import { BRANCH } from "./words.ts";

/** A branch as instructions: `branchSelect` settles where to go on, and behind each branch is a jump to the end. */
export function assembleBranch(
  into: Assembled,
  group: number,
  { sources: [index, ...operands], parts }: ControlItem,
  { plans }: CompiledBranch,
): void {
  const section = new Section(into, group, 1);
  section.reads.push(...new Set([index, ...operands]));
  section.writes.push(...parts.map(({ buffer }) => buffer));
  const skip = section.label();
  section.jump("mainOnly", skip.descriptor);
  const control = section.descriptor([0, 0, plans.length, ...plans.map(() => 0)]);
  section.point(control, BRANCH.index, fixed(index));
  section.add("branchSelect", control);
  section.jump("jump", control);
  const end = section.label();
  section.repeats = 1 / plans.length;
  plans.forEach((plan, i) => {
    section.open(control).relocations.push({ word: BRANCH.places + i, kind: "record", record: section.next });
    const homes = new Map<number, Home>();
    for (const [slot, id] of nodesOfSlots(plan.graph)) homes.set(id, fixed(operands[slot]));
    const twice: { readonly to: Home; readonly from: Home; readonly bytes: number }[] = [];
    plan.outputs.forEach(({ buffer }, k) => {
      const to = fixed(parts[k].buffer);
      const from = homes.get(buffer);
      const { size, dtype } = plan.buffers[buffer];
      if (from === undefined) homes.set(buffer, to);
      else twice.push({ to, from, bytes: size * bytesOf(dtype) });
    });
    mergeWith(section, plan, homes);
    for (const { to, from, bytes } of twice) section.copy(to, from, bytes);
    section.jump("jump", end.descriptor);
  });
  end.here();
  section.repeats = 1;
  const shared = section.isShared;
  skip.here();
  section.add("barrier", control, 0);
  section.settle(shared);
}
