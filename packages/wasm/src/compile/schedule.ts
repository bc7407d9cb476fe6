import { sameAffine } from "./affine.ts";
import type { Group } from "./fuse.ts";
import type { GraphUpdate } from "./graph.ts";
import { type Item, loadsOf } from "./items.ts";
import { ownStore } from "./materialize.ts";

/** Kernels in the order in which they run, and which updates are written over the version that they replace. */
export interface Schedule {
  readonly order: readonly Group[];
  /** For each update, whether its kernel may write into the slot's own memory. */
  readonly inPlace: readonly boolean[];
}

/**
 * Orders kernels: what is read comes first, and whoever reads the old version of a variable comes before the kernel
 * that writes over it. Indices are all looked at before anything is written over, so that one that is out of range leaves
 * variables as they were. Where that goes round in a circle (two variables that are swapped), a new version gets memory of
 * its own.
 */
export function schedule(
  groups: readonly Group[],
  updates: readonly GraphUpdate[],
  bufferOf: (node: number) => number,
  slotNode: (slot: number) => number,
): Schedule {
  const writers = new Map<number, Group[]>();
  const readers = new Map<number, Group[]>();
  for (const group of groups) {
    for (const item of group.items) {
      append(writers, item.buffer, group);
      for (const buffer of loadsOf(item)) append(readers, buffer, group);
    }
  }
  const after: Set<number>[] = groups.map(() => new Set());
  for (const group of groups) {
    for (const item of group.items) {
      for (const buffer of [item.buffer, ...loadsOf(item)]) {
        for (const writer of writers.get(buffer) ?? [])
          if (writer.index < group.index) after[group.index].add(writer.index);
      }
    }
  }
  const seen = new Set<number>();
  const inPlace = updates.map(({ node, slot }) => {
    const writer = writers.get(bufferOf(node))?.at(-1);
    // One value that becomes two variables' has one place.
    if (slot < 0 || writer === undefined || seen.has(node)) return false;
    seen.add(node);
    return writers.get(bufferOf(node))?.length === 1 && readsOwnPlaceOnly(writer, slotNode(slot));
  });
  const checks = groups.filter(({ items }) => items.some(looksAtIndices)).map(({ index }) => index);
  for (;;) {
    const edges = after.map((set) => new Set(set));
    updates.forEach(({ node, slot }, i) => {
      if (!inPlace[i]) return;
      const writer = (writers.get(bufferOf(node)) as Group[])[0];
      for (const check of checks) edges[writer.index].add(check);
      for (const reader of readers.get(slotNode(slot)) ?? []) {
        if (reader !== writer) edges[writer.index].add(reader.index);
      }
    });
    const order = topological(groups, edges);
    if (order.length === groups.length) return { order, inPlace };
    // Only kernels on a circle are left: one update among them gives way.
    const placed = new Set(order);
    const blocked = updates.findIndex(
      ({ node }, i) => inPlace[i] && !placed.has((writers.get(bufferOf(node)) as Group[])[0]),
    );
    inPlace[blocked] = false;
  }
}

/** Whether it notes indices that are out of range. */
const looksAtIndices = (item: Item): boolean =>
  item.kind === "pick" ||
  (item.kind === "control" && item.compiled.plans.some(({ checks }) => checks.length > 0));

function append(map: Map<number, Group[]>, key: number, group: Group): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [group]);
  else if (!list.includes(group)) list.push(group);
}

/**
 * Whether a kernel reads a buffer element by element, each where it then may be written. With reductions in it, it may
 * go over a row again when the row's new values are written already.
 */
function readsOwnPlaceOnly(group: Group, buffer: number): boolean {
  if (group.reduced !== null) return false;
  return group.items.every((item) => {
    if (item.kind === "fill" || item.kind === "part") return true;
    if (item.kind !== "map" && item.kind !== "reduce") return !loadsOf(item).includes(buffer);
    const own = ownStore(item.trace.domain);
    return item.trace.values.list.every(
      (value) =>
        value.op !== "load" ||
        value.buffer !== buffer ||
        (item.kind === "map" &&
          sameAffine(value.access, own) &&
          item.trace.domain.length === group.domain.length),
    );
  });
}

/** Kahn's algorithm, the kernel begun first among those that may run: shorter than all where there is a circle. */
function topological(groups: readonly Group[], after: readonly ReadonlySet<number>[]): Group[] {
  const waiting = after.map((set) => set.size);
  const followers: number[][] = groups.map(() => []);
  after.forEach((set, index) => {
    for (const before of set) followers[before].push(index);
  });
  const ready = new MinHeap();
  waiting.forEach((count, index) => {
    if (count === 0) ready.push(index);
  });
  const order: Group[] = [];
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    order.push(groups[index]);
    for (const follower of followers[index]) if (--waiting[follower] === 0) ready.push(follower);
  }
  return order;
}

class MinHeap {
  private readonly items: number[] = [];

  push(value: number): void {
    const { items } = this;
    items.push(value);
    let i = items.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (items[parent] <= items[i]) break;
      [items[parent], items[i]] = [items[i], items[parent]];
      i = parent;
    }
  }

  pop(): number | undefined {
    const { items } = this;
    if (items.length === 0) return undefined;
    const top = items[0];
    const last = items.pop() as number;
    if (items.length === 0) return top;
    items[0] = last;
    for (let i = 0; ; ) {
      let child = 2 * i + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1] < items[child]) child++;
      if (items[i] <= items[child]) break;
      [items[i], items[child]] = [items[child], items[i]];
      i = child;
    }
    return top;
  }
}
