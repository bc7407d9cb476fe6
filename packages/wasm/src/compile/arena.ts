/** A stretch of memory that is needed from one step of a plan to another. */
export interface Interval {
  readonly buffer: number;
  readonly bytes: number;
  /** The first and last steps that touch it. */
  readonly first: number;
  readonly last: number;
}

export interface ArenaLayout {
  /** Offset of each buffer. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly bytes: number;
}

const ALIGNMENT = 64;
/** May be read behind each buffer. */
const SLACK = 64;

/** Up to so many buffers the tighter layout is made, whose time grows with the square of their number. */
const MANY = 1024;

const paddedSize = (bytes: number): number => Math.ceil((bytes + SLACK) / ALIGNMENT) * ALIGNMENT;

/** Lays buffers out so that those alive together do not overlap. */
export const layOutArena = (intervals: readonly Interval[]): ArenaLayout =>
  intervals.length > MANY ? inOrderOfTime(intervals) : largestFirst(intervals);

/** One step after the other, as an allocator would: each buffer in the first gap that fits when it is first needed. */
function inOrderOfTime(intervals: readonly Interval[]): ArenaLayout {
  const offsets = new Map<number, number>();
  const ends = new Map<number, { from: number; to: number }[]>();
  // Gaps in the order of their offsets; what lies behind `total` is free.
  const gaps: { from: number; to: number }[] = [];
  let total = 0;
  let step = 0;
  for (const { buffer, bytes, first, last } of [...intervals].sort((a, b) => a.first - b.first)) {
    for (; step < first; step++) for (const block of ends.get(step) ?? []) release(gaps, block);
    const size = paddedSize(bytes);
    const gap = gaps.find(({ from, to }) => to - from >= size);
    let from = total;
    if (gap === undefined) total += size;
    else {
      from = gap.from;
      gap.from += size;
      if (gap.from === gap.to) gaps.splice(gaps.indexOf(gap), 1);
    }
    offsets.set(buffer, from);
    const block = { from, to: from + size };
    const list = ends.get(last);
    if (list === undefined) ends.set(last, [block]);
    else list.push(block);
  }
  return { offsets, bytes: total };
}

/** Puts a block among the gaps, joined with its neighbours. */
function release(gaps: { from: number; to: number }[], { from, to }: { from: number; to: number }): void {
  let low = 0;
  let high = gaps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (gaps[middle].from < from) low = middle + 1;
    else high = middle;
  }
  const before = gaps[low - 1];
  const after = gaps[low];
  const joinsBefore = before !== undefined && before.to === from;
  const joinsAfter = after !== undefined && after.from === to;
  if (joinsBefore && joinsAfter) {
    before.to = after.to;
    gaps.splice(low, 1);
  } else if (joinsBefore) before.to = to;
  else if (joinsAfter) after.from = from;
  else gaps.splice(low, 0, { from, to });
}

/**
 * The largest first, each in the lowest gap that fits (Pisarchyk and Lee, "Efficient memory management for deep neural
 * net inference", 2020, section 4).
 */
function largestFirst(intervals: readonly Interval[]): ArenaLayout {
  const offsets = new Map<number, number>();
  const placed: { from: number; to: number; first: number; last: number }[] = [];
  const bySize = [...intervals].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  let total = 0;
  for (const { buffer, bytes, first, last } of bySize) {
    const size = paddedSize(bytes);
    let offset = 0;
    // `placed` is in the order of offsets: the first gap that is wide enough.
    for (const other of placed) {
      if (other.last < first || other.first > last) continue;
      if (other.from >= offset + size) break;
      offset = Math.max(offset, other.to);
    }
    const at = { from: offset, to: offset + size, first, last };
    let low = 0;
    let high = placed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (placed[middle].from < at.from) low = middle + 1;
      else high = middle;
    }
    placed.splice(low, 0, at);
    offsets.set(buffer, offset);
    total = Math.max(total, offset + size);
  }
  return { offsets, bytes: total };
}
