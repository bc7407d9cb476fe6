import {
  associativeScan,
  checkpoint,
  cond,
  customVjp,
  forLoop,
  map,
  type ScanOptions,
  scan,
  stack,
  switchCase,
  type Tensor,
  tensor,
  vjp,
  vmap,
  whileLoop,
  zeros,
} from "../../src/index.ts";

type List = readonly Tensor[];
type Step = (carry: List, x: List) => [List, List];

/** Control flow over lists of tensors, written in one of two ways that are to be equal. */
export interface Implementation {
  scan(f: Step, init: List, xs: List, length: number, options: ScanOptions): [List, List];
  /** From `start` to before `end`; as tensors with a bound on the number of steps where `most` is given. */
  forLoop(start: Tensor, end: Tensor, f: (i: Tensor, state: List) => List, init: List, most: number): List;
  countedLoop(start: number, end: number, f: (i: Tensor, state: List) => List, init: List): List;
  whileLoop(goesOn: (state: List) => Tensor, f: (state: List) => List, init: List, most: number): List;
  cond(predicate: Tensor, ifTrue: (all: List) => List, ifFalse: (all: List) => List, all: List): List;
  switchCase(index: Tensor, branches: readonly ((all: List) => List)[], all: List): List;
  map(f: (x: List) => List, xs: List, length: number, batchSize?: number): List;
  vmap(f: (x: List) => List, xs: List, length: number): List;
  prefixes(f: (a: Tensor, b: Tensor) => Tensor, x: Tensor, reverse: boolean): Tensor;
  /** The same function with a rule of its own around it. */
  ruled(kind: "checkpoint" | "customVjp", f: (all: List) => List, all: List): List;
}

/** Arrays, not read-only ones, are trees. */
const own = (list: List): Tensor[] => [...list];

/** As the graph has it. */
export const inGraph: Implementation = {
  scan: (f, init, xs, length, options) =>
    scan((carry: Tensor[], x: Tensor[]) => f(carry, x).map(own) as [Tensor[], Tensor[]], own(init), own(xs), {
      ...options,
      length,
    }) as [Tensor[], Tensor[]],
  forLoop: (start, end, f, init, most) =>
    forLoop(start, end, (i, state: Tensor[]) => own(f(i, state)), own(init), { maxSteps: most }) as Tensor[],
  countedLoop: (start, end, f, init) =>
    forLoop(start, end, (i, state: Tensor[]) => own(f(i, state)), own(init)) as Tensor[],
  whileLoop: (goesOn, f, init, most) =>
    whileLoop(goesOn, (state: Tensor[]) => own(f(state)), own(init), { maxSteps: most }) as Tensor[],
  cond: (predicate, ifTrue, ifFalse, all) =>
    cond(predicate, (...list: Tensor[]) => own(ifTrue(list)), (...list: Tensor[]) => own(ifFalse(list)), ...all) as Tensor[], // biome-ignore format: one call
  switchCase: (index, branches, all) =>
    switchCase(index, branches.map((f) => (...list: Tensor[]) => own(f(list))), ...all) as Tensor[], // biome-ignore format: one call
  map: (f, xs, _, batchSize) => map((x: Tensor[]) => own(f(x)), own(xs), { batchSize }) as Tensor[],
  vmap: (f, xs) => vmap((x: Tensor[]) => own(f(x)))(own(xs)) as Tensor[],
  prefixes: (f, x, reverse) => associativeScan(f, x, { reverse }) as Tensor,
  ruled: (kind, f, all) =>
    kind === "checkpoint"
      ? checkpoint((...list: Tensor[]) => own(f(list)))(...all)
      : customVjp((...list: Tensor[]) => own(f(list)), {
          forward: (...list: Tensor[]) => [own(f(list)), list] as const,
          backward: (list: Tensor[], cts: Tensor[]) =>
            vjp((...each: Tensor[]) => own(f(each)), ...list)[1](cts) as Tensor[],
        })(...all),
};

const integer = (value: number): Tensor => tensor(value, { dtype: "int32" });

/** One element of a sequence that may have none. */
const missing = (x: Tensor): Tensor => zeros(x.shape.slice(1), { dtype: x.dtype });

/** What each step gave, along a new first axis. */
function stacked(each: readonly List[], like: () => List): Tensor[] {
  if (each.length > 0) return each[0].map((_, k) => stack(each.map((list) => list[k])));
  return like().map(({ shape, dtype }) => zeros([0, ...shape], { dtype }));
}

const element = (x: Tensor, i: number): Tensor =>
  x
    .slice(
      x.shape.map((_, axis) => (axis === 0 ? i : 0)),
      x.shape.map((size, axis) => (axis === 0 ? i + 1 : size)),
    )
    .reshape(x.shape.slice(1));

const steps = (length: number, reverse = false): number[] =>
  Array.from({ length }, (_, i) => (reverse ? length - 1 - i : i));

/** As a loop of JavaScript, which needs shapes where there are no steps: those are zeros like what one step gives. */
export const unrolled: Implementation = {
  scan: (f, init, xs, length, { reverse }) => {
    let carry = init;
    const ys: List[] = [];
    for (const i of steps(length, reverse)) {
      [carry, ys[i]] = f(carry, xs.map((x) => element(x, i))); // biome-ignore format: one call
    }
    return [carry, stacked(ys, () => f(init, xs.map(missing))[1])];
  },
  forLoop: (start, end, f, init, most) => {
    let state = init;
    const from = start.item() as number;
    const to = Math.min(end.item() as number, from + most);
    for (let i = from; i < to; i++) state = f(start.mul(0).add(i), state);
    return state;
  },
  countedLoop: (start, end, f, init) => {
    let state = init;
    for (let i = start; i < end; i++) state = f(integer(i), state);
    return state;
  },
  whileLoop: (goesOn, f, init, most) => {
    let state = init;
    for (let i = 0; i < most && goesOn(state).item(); i++) state = f(state);
    return state;
  },
  cond: (predicate, ifTrue, ifFalse, all) => (predicate.item() ? ifTrue(all) : ifFalse(all)),
  switchCase: (index, branches, all) =>
    branches[Math.max(0, Math.min(branches.length - 1, index.item() as number))](all),
  map: (f, xs, length) =>
    stacked(steps(length).map((i) => f(xs.map((x) => element(x, i)))), () => f(xs.map(missing))), // biome-ignore format: one call
  vmap: (f, xs, length) => unrolled.map(f, xs, length),
  prefixes: (f, x, reverse) => {
    const found: Tensor[] = [];
    let before: Tensor | null = null;
    for (const i of steps(x.shape[0], reverse)) {
      before = before === null ? element(x, i) : f(before, element(x, i));
      found[i] = before;
    }
    return found.length === 0 ? x : stack(found);
  },
  ruled: (_, f, all) => f(all),
};
