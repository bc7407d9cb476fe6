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

/**
 * Lays buffers out so that those alive together do not overlap: the largest first, each in the lowest gap that
 * fits (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020, section 4).
 */
export function layOutArena(intervals: readonly Interval[]): ArenaLayout {
  const offsets = new Map<number, number>();
  const placed: { from: number; to: number; first: number; last: number }[] = [];
  const bySize = [...intervals].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  let total = 0;
  for (const { buffer, bytes, first, last } of bySize) {
    const size = Math.ceil((bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
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
