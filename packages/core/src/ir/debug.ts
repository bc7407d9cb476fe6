import { shared } from "../util/shared.ts";
import type { Tensor } from "./tensor.ts";

/** Where a tensor was made: hosts write the stack as text when it is read, which takes longer than noting it. */
type Origin = Pick<Error, "stack">;

interface DebugState {
  /** Where each tensor was made; null while nobody notes it. */
  origins: WeakMap<Tensor, Origin> | null;
  /** The same, as far as it was ever noted. */
  readonly known: WeakMap<Tensor, Origin>;
  on: boolean;
}

/** @internal */
export const debugState = shared<DebugState>("debug", () => ({
  origins: null,
  known: new WeakMap(),
  on: false,
}));

/**
 * Debug mode: every tensor remembers the line that made it, every run is looked over, and the first operation that makes
 * NaN or an infinity out of finite numbers is a NonFiniteError that names it and its line. Compiled functions are traced
 * again at each call, as with `verify`. Nothing is written in place. Programs take several times as long: off by default.
 *
 * Only what is asked for or assigned is looked at: an infinity that vanishes on the way (1 / infinity), or that `where` does
 * not choose, is no error, nor is one that comes out of data or constants that hold it.
 */
export function setDebugMode(on: boolean): void {
  debugState.on = on;
  debugState.origins = on ? debugState.known : null;
}

/** Whether debug mode is on. */
export const isDebugMode = (): boolean => debugState.on;

/**
 * Runs `body`, and every tensor made meanwhile remembers the line that made it, as in debug mode, for `originOf`. Nothing
 * else of debug mode: values are not looked at.
 */
export function withOrigins<T>(body: () => T): T {
  const before = debugState.origins;
  debugState.origins = debugState.known;
  try {
    return body();
  } finally {
    debugState.origins = before;
  }
}

/** Frames between the operation and the line that called for it: more of them than hosts show unless told. */
const STACK_DEPTH = 50;

/** Remembers where the tensor was made. @internal */
export function noteOrigin(origins: WeakMap<Tensor, Origin>, tensor: Tensor): void {
  const host = Error as { stackTraceLimit?: number };
  const before = host.stackTraceLimit;
  host.stackTraceLimit = STACK_DEPTH;
  // Not thrown: only its stack is wanted.
  origins.set(tensor, new Error());
  host.stackTraceLimit = before;
}

/** Files of Cotangent as they are published. */
const PUBLISHED = /[\\/]@cotangent[\\/]|[\\/]cotangent[\\/]dist[\\/]/;

/** The folder of all packages, where this file is a source among theirs; other projects have a `packages` folder, too. */
function ownSources(): string | null {
  const stack = new Error().stack ?? "";
  return /(\S*[\\/])core[\\/]src[\\/]ir[\\/]debug\.ts/.exec(stack)?.[1].replace(/^.*[(@]/, "") ?? null;
}

/** What belongs to the language and its host: `Array.map (<anonymous>)`. */
const HOST = /<anonymous>\)?$|\(native\)$|node:internal/;

function isOwn(line: string, sources: string | null): boolean {
  if (PUBLISHED.test(line) || HOST.test(line)) return true;
  const start = sources === null ? -1 : line.indexOf(sources);
  return start >= 0 && /^[^\\/]+[\\/]src[\\/]/.test(line.slice(start + (sources as string).length));
}

/** The line outside of Cotangent that made the tensor, in the host's notation; null when nobody noted it. */
export function originOf(tensor: Tensor): string | null {
  const stack = debugState.known.get(tensor)?.stack;
  if (stack === undefined) return null;
  // V8 begins with the error's name and writes "at" before each frame; others write name@url.
  const frames = stack.split("\n").filter((line) => /^\s*at |@/.test(line));
  const sources = ownSources();
  return frames.find((line) => !isOwn(line, sources))?.trim() ?? null;
}
