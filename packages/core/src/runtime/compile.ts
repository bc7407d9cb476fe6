import { isDebugMode } from "../ir/debug.ts";
import { activeFrames } from "../ir/frames.ts";
import { isTensor } from "../ir/tensor.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape } from "../types/shape.ts";
import { describeValue, type FlatTree, flattenTree } from "../types/trees.ts";
import { StateError, TraceError } from "../util/errors.ts";
import { LruMap } from "../util/lru.ts";
import { Calls } from "./call.ts";
import { isLeaf, type Leaf, matches, type Pattern, patternOf } from "./pattern.ts";
import { type Traced, traceFunction } from "./traced.ts";
import type { Variable } from "./variable.ts";

export interface CompileOptions {
  /**
   * Trace again at every call and throw a TraceError when the function has become another one: it read JavaScript
   * state that changed. Slow; for finding mistakes. Always so in debug mode.
   */
  readonly verify?: boolean;
  /** For messages; the function's own name unless given. */
  readonly name?: string;
}

/** Signatures kept for each compiled function, those used last. */
const MAX_SIGNATURES = 64;
/** Traces kept for each signature: one for each state of the library that the function depends on. */
const MAX_TRACES = 8;

/** What makes a new trace necessary: structure, shapes, dtypes, strings and booleans; not the numbers. */
function signatureOf({ structure, leaves }: FlatTree<Leaf>): string {
  const parts = leaves.map((leaf) => {
    if (isTensor(leaf)) return `${leaf.dtype}[${leaf.shape.join()}]`;
    if (typeof leaf === "number") return Number.isInteger(leaf) ? "integer" : "fractional";
    return JSON.stringify(leaf);
  });
  return `${structure} ${parts.join(" ")}`;
}

/** A trace, what its arguments must look like, and its calls. */
interface Kept {
  readonly traced: Traced;
  readonly pattern: Pattern;
  readonly calls: Calls;
  /** Made in debug mode: its nodes know the lines that made them. */
  readonly debug: boolean;
}

const guardsHold = ({ trace }: Traced): boolean => {
  for (const { read, value } of trace.guards) if (!Object.is(read(), value)) return false;
  return true;
};

/** As deep as a compiled function may call itself while it is traced. */
const MAX_DEPTH = 256;

/**
 * f with its graph kept: traced once for each structure, shape and dtype of its arguments (numbers may change freely;
 * strings and booleans are part of the signature), then run as one plan. Variables that f reads and assigns are inputs
 * and outputs of the plan. Inside grad, jvp, vmap or another compiled function, f simply runs. A method may be compiled: `this` is
 * passed on, and each object has plans of its own.
 * @throws TraceError when f reads a value, returns a Promise or calls itself without end, GradientError when its result is
 * differentiated through
 */
export function compile<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: CompileOptions = {},
): (...args: A) => R {
  if (typeof f !== "function")
    throw new StateError(`expected a function, got ${describeValue(f)}`, {
      operation: "compile",
      remedy: "Pass the function itself: compile((x) => ...)",
    });
  checkOptions("compile", options, ["verify", "name"]);
  const name = options.name ?? (f.name || "anonymous");
  let depth = 0;
  /** f as part of what is traced around it. */
  const inline = (self: unknown, args: A): R => {
    if (depth === MAX_DEPTH) throw withoutEnd(name);
    depth++;
    try {
      return f.call(self, ...args);
    } finally {
      depth--;
    }
  };
  const callFor = compiledFor<A, R>((self, args) => inline(self, args as A), name, options.verify === true);
  return function (this: unknown, ...args: A): R {
    return activeFrames().length > 0 ? inline(this, args) : callFor(this)(args);
  };
}

type Call<A, R> = (args: A) => R;

/** The compiled function for each object that it is called on. */
function compiledFor<A extends readonly unknown[], R>(
  f: (self: unknown, args: readonly unknown[]) => unknown,
  name: string,
  verified: boolean,
): (self: unknown) => Call<A, R> {
  const own = (self: unknown) => compiledCall<A, R>((...args) => f(self, args), name, verified);
  const onObjects = new WeakMap<object, Call<A, R>>();
  let onNothing: Call<A, R> | null = null;
  return (self) => {
    if ((typeof self !== "object" && typeof self !== "function") || self === null) {
      onNothing ??= own(self);
      return onNothing;
    }
    let call = onObjects.get(self);
    if (call === undefined) {
      call = own(self);
      onObjects.set(self, call);
    }
    return call;
  };
}

/** The calls of a function that nothing is traced around. */
function compiledCall<A extends readonly unknown[], R>(
  f: (...args: readonly unknown[]) => unknown,
  name: string,
  verified: boolean,
): Call<A, R> {
  const forget = (list: readonly Kept[]) => {
    for (const { traced } of list) traced.plan.dispose();
  };
  const cache = new LruMap<string, readonly Kept[]>(MAX_SIGNATURES, forget);
  let madeVariables = false;
  /** The trace of the last call, which the next call most likely needs again. */
  let last: Kept | null = null;

  const traceFor = (flat: FlatTree<Leaf>, args: A): Kept => {
    const signature = signatureOf(flat);
    const candidates = cache.get(signature) ?? [];
    const debug = isDebugMode();
    // A trace made before debug mode does not know its lines.
    const known = candidates.find(({ traced, debug: own }) => (own || !debug) && guardsHold(traced));
    if (known !== undefined) {
      if (verified || debug) verify(known.traced, traceFunction(f, flat, name), name);
      return known;
    }
    const traced = traceFunction(f, flat, name);
    if (traced.trace.variablesMade.length > 0) {
      if (madeVariables) throw madeAgain(traced.trace.variablesMade, name);
      madeVariables = true;
    }
    const made = { traced, pattern: patternOf(args), calls: new Calls(traced, name), debug };
    const kept = candidates.slice(-(MAX_TRACES - 1));
    forget(candidates.slice(0, candidates.length - kept.length));
    cache.set(signature, [...kept, made]);
    return made;
  };

  return (args) => {
    const leaves: Leaf[] = [];
    if (
      last !== null &&
      !verified &&
      !isDebugMode() &&
      matches(last.pattern, args, leaves) &&
      guardsHold(last.traced)
    )
      return last.calls.run(leaves) as R;
    const flat = flattenTree(args, isLeaf, "compile");
    last = traceFor(flat, args);
    return last.calls.run(flat.leaves) as R;
  };
}

const withoutEnd = (name: string): TraceError =>
  new TraceError(`${name} called itself ${MAX_DEPTH} times while it was traced`, {
    operation: "compile",
    remedy:
      "Inside, values are not known yet: let a string or a shape decide how deep it goes, or compile the function that is called from outside alone",
  });

const madeAgain = (made: readonly Variable[], name: string): StateError =>
  new StateError(
    `the compiled function ${name} makes variables (${made.map((cell) => cell.name).join(", ")}) at every trace`,
    {
      operation: "compile",
      remedy: "Make variables outside, or once, at the first call",
    },
  );

/** @throws TraceError when a second trace differs from the first in more than its arguments */
function verify(first: Traced, second: Traced, name: string): void {
  const [a, b] = [first, second].map(({ plan, numbering }) => ({ ...numbering, key: plan.key }));
  const place = a.key.findIndex((value, i) => value !== b.key[i]);
  const report = (what: string): TraceError =>
    new TraceError(`${name} has changed since it was traced: ${what}`, {
      operation: "compile",
      remedy: "Pass what changes as an argument, or hold it in a variable",
    });
  if (place >= 0 || a.key.length !== b.key.length) {
    const node = a.tensors.findIndex((tensor, i) => {
      const other = b.tensors[i];
      return (
        other === undefined ||
        other.prim !== tensor.prim ||
        formatShape(other.shape) !== formatShape(tensor.shape)
      );
    });
    const what =
      node < 0 ? "its operations or literals differ" : `operation ${node} was ${a.tensors[node].prim.name}`;
    throw report(what);
  }
  a.slots.forEach(({ tensor }, i) => {
    const before = tensor.storage;
    const after = b.slots[i].tensor.storage;
    if (before === after) return;
    const equal =
      before?.host != null &&
      after?.host != null &&
      before.host.every((value, k) => Object.is(value, after.host?.[k]));
    if (!equal)
      throw report(
        `a captured ${tensor.dtype} tensor of shape ${formatShape(tensor.shape)} has other values`,
      );
  });
}
