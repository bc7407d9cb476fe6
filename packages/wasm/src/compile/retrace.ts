import type { Shape } from "@cotangent/core";
import type { Affine, Domain } from "./affine.ts";
import type { Trace } from "./trace.ts";
import { type Value, ValueList } from "./values.ts";

/** The same values with other accesses. */
function withAccesses(trace: Trace, domain: Domain, change: (access: Affine) => Affine | null): Trace | null {
  const values = new ValueList();
  const renamed: number[] = [];
  for (const value of trace.values.list) {
    let moved: Value = value;
    if (value.op === "load" || value.op === "index") {
      const access = change(value.access);
      if (access === null) return null;
      moved = { ...value, access };
    } else if (value.op === "scalar") {
      moved = { ...value, args: value.args.map((arg) => renamed[arg]) };
    }
    renamed.push(values.add(moved));
  }
  return { domain, values, root: renamed[trace.root] };
}

/** Only elements first[axis] to first[axis] + kept[axis] - 1 of a value of this shape. */
export function cropped(
  trace: Trace,
  shape: Shape,
  first: readonly number[],
  kept: readonly number[],
): Trace {
  const axes = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  const remaining = axes.filter((axis) => kept[axis] !== 1);
  return withAccesses(
    trace,
    remaining.map((axis) => kept[axis]),
    ({ offset, strides }) => ({
      offset: strides.reduce((sum, stride, d) => sum + stride * first[axes[d]], offset),
      strides: strides.filter((_, d) => kept[axes[d]] !== 1),
    }),
  ) as Trace;
}

/**
 * Neighbouring reduced dimensions as one, so that the order of a sum depends on the shape only; null where an access
 * does not allow that.
 */
export function withMergedReductions(trace: Trace, reduced: readonly boolean[]): Trace | null {
  const { domain } = trace;
  const isFirst = domain.map((_, d) => !reduced[d] || !reduced[d - 1]);
  if (!isFirst.includes(false)) return trace;
  const merged: number[] = [];
  domain.forEach((size, d) => {
    if (isFirst[d]) merged.push(size);
    else merged[merged.length - 1] *= size;
  });
  return withAccesses(trace, merged, ({ offset, strides }) => {
    const kept: number[] = [];
    for (let d = 0; d < domain.length; d++) {
      if (isFirst[d]) kept.push(strides[d]);
      else if (strides[d - 1] !== strides[d] * domain[d]) return null;
      else kept[kept.length - 1] = strides[d];
    }
    return { offset, strides: kept };
  });
}

/** The kept dimensions, then all reduced ones as one; null where an access does not allow that. */
export function withOneReducedDimension(trace: Trace, reduced: readonly boolean[]): Trace | null {
  const { domain } = trace;
  const kept = domain.map((_, d) => d).filter((d) => !reduced[d]);
  const inner = domain.map((_, d) => d).filter((d) => reduced[d]);
  const size = inner.reduce((product, d) => product * domain[d], 1);
  return withAccesses(trace, [...kept.map((d) => domain[d]), size], ({ offset, strides }) => {
    const last = inner[inner.length - 1];
    let expected = strides[last];
    for (let i = inner.length - 1; i >= 0; i--) {
      if (strides[inner[i]] !== expected) return null;
      expected *= domain[inner[i]];
    }
    return { offset, strides: [...kept.map((d) => strides[d]), strides[last]] };
  });
}

/** The last dimension as `chunks` rounds of `chunk`. */
export function split(trace: Trace, chunk: number, chunks: number): Trace {
  const domain = [...trace.domain.slice(0, -1), chunks, chunk];
  return withAccesses(trace, domain, ({ offset, strides }) => {
    const last = strides[strides.length - 1];
    return { offset, strides: [...strides.slice(0, -1), last * chunk, last] };
  }) as Trace;
}

/** The first dimension as chunks and the places within them; `chunks` divides it. */
export function splitFirst(trace: Trace, chunks: number): Trace {
  const [first, ...rest] = trace.domain;
  const length = first / chunks;
  return withAccesses(trace, [chunks, length, ...rest], ({ offset, strides: [stride, ...others] }) => {
    return { offset, strides: [stride * length, stride, ...others] };
  }) as Trace;
}
