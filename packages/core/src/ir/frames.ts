import type { DType, TypedArray } from "../types/dtype.ts";
import type { Shape } from "../types/shape.ts";
import { shared } from "../util/shared.ts";
import type { Tensor } from "./tensor.ts";

/** A function that is being run to build a graph out of it. */
export interface Frame {
  readonly kind: "grad" | "jvp" | "vmap" | "compile" | "custom" | "control";
  /** The transform's public name, for messages. */
  readonly name: string;
  /** Where the body is run for several lanes or steps: the key of this one, derived from one that all share. */
  laneKey?(key: Tensor): Tensor;
}

const frames = shared<Frame[]>("frames", () => []);

/** The functions being traced now, outermost first. */
export const activeFrames = (): readonly Frame[] => frames;

/** Runs `body` inside `frame`, and leaves it however the body ends. */
export function inFrame<T>(frame: Frame, body: () => T): T {
  frames.push(frame);
  try {
    return body();
  } finally {
    frames.pop();
  }
}

/** What a compiled function's trace records besides the graph. */
export interface CompileFrame extends Frame {
  readonly kind: "compile";
  /** A placeholder that `fill` gives its elements anew at every call. */
  hiddenSlot(fill: (elements: TypedArray) => void, shape: Shape, dtype: DType): Tensor;
  /** A value on which the trace depends: where `read` gives another one, the function is traced again. */
  guard(read: () => unknown): void;
  /** What `owner` keeps for the time of this trace. */
  local<T>(owner: object, create: () => T): T;
  /** Runs after each call. */
  afterCall(action: () => void): void;
}

/** The compiled function that is being traced, or null. */
export function compileFrame(): CompileFrame | null {
  for (let i = frames.length - 1; i >= 0; i--)
    if (frames[i].kind === "compile") return frames[i] as CompileFrame;
  return null;
}

/**
 * Library state that decides what is computed, such as a training flag: read it through here, and compiled functions
 * trace again when it changes.
 */
export function guarded<T extends string | number | boolean | null>(read: () => T): T {
  compileFrame()?.guard(read);
  return read();
}
