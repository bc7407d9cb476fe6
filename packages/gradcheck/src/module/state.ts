import { evaluate, type Tensor, tensor, type Variable } from "@cotangent/core";
import { Random } from "../numeric/random.ts";
import { sameBits } from "../numeric/vectors.ts";
import { type CheckResult, Tally } from "../properties/tally.ts";
import { read } from "../properties/tensors.ts";
import type { Scene } from "./scene.ts";

type State = Readonly<Record<string, unknown>>;

/**
 * Variables and state in evaluation: `variables()` and `namedVariables()` agree, `forward` reads no others, and what
 * `getState` gives brings back every value by `setState`, bit for bit, with the outputs. A state without one of its entries
 * is refused, and changes nothing.
 */
export function stateCheck(scene: Scene): CheckResult {
  const tally = new Tally("state");
  listsAgree(scene, tally);
  const { layer } = scene;
  if (typeof layer.getState !== "function" || typeof layer.setState !== "function") {
    tally.note("no getState and setState");
    return tally.result();
  }
  const state: unknown = layer.getState();
  if (state instanceof Promise) {
    tally.note("getState is asynchronous: not checked");
    return tally.result();
  }
  tally.attempt("The state cannot be given back by setState", () => roundTrip(scene, state, tally));
  refusal(scene, state, tally);
  return tally.result();
}

function listsAgree(scene: Scene, tally: Tally): void {
  const { layer, name } = scene;
  const named = layer.namedVariables();
  const listed = new Set(layer.variables());
  for (const [path, cell] of named) {
    if (listed.has(cell)) continue;
    tally.fault(`variables.${path} is among namedVariables() of ${name}, but not among variables()`);
  }
  for (const cell of listed) {
    if ([...named.values()].includes(cell)) continue;
    tally.fault(`The variable ${cell.name} is among variables() of ${name}, but not among namedVariables()`);
  }
  for (const label of scene.unlisted()) {
    tally.fault(
      `forward reads the variable ${label}, which is not among variables() of ${name}: it is neither trained nor saved`,
    );
  }
}

/** All variables by path, with the values that they have. */
function valuesOf(scene: Scene): [string, Variable, Float64Array][] {
  const entries = [...scene.layer.namedVariables()];
  const values = read(entries.map(([, cell]) => cell));
  return entries.map(([path, cell], i) => [path, cell, Float64Array.from(values[i])]);
}

function roundTrip(scene: Scene, state: unknown, tally: Tally): void {
  const before = valuesOf(scene);
  const [output] = read([scene.forward(...scene.inputs)]);
  moveAll(before, scene.seed);
  scene.layer.setState?.(state as never);
  const now = new Map(valuesOf(scene).map(([path, , values]) => [path, values]));
  for (const [path, { shape }, expected] of before) {
    tally.compare({
      actual: now.get(path) ?? [],
      expected,
      shape,
      input: `variables.${path}`,
      what: `After getState, a change and setState variables.${path}`,
      instead: "before",
    });
  }
  const result = scene.forward(...scene.inputs);
  const [again] = read([result]);
  tally.compare({
    actual: again,
    expected: output,
    shape: result.shape,
    output: "output",
    what: "After getState, a change and setState the output",
    instead: "before",
  });
}

/** Gives all variables other values. */
function moveAll(variables: readonly [string, Variable, Float64Array][], seed: number): void {
  const random = new Random(seed);
  for (const [, cell, values] of variables) cell.assign(elsewhere(cell, values, random));
  evaluate();
}

/** Other values for a variable. */
function elsewhere({ shape, dtype }: Variable, values: Float64Array, random: Random): Tensor {
  const isWhole = dtype !== "float32" && dtype !== "float64";
  const moved = values.map((x) => (dtype === "bool" ? 1 - x : x + (isWhole ? 1 : random.between(0.5, 1))));
  return tensor(moved, { shape, dtype });
}

/** A state that lacks an entry is refused, and nothing is changed. */
function refusal(scene: Scene, state: unknown, tally: Tally): void {
  if (typeof state !== "object" || state === null || Array.isArray(state)) return;
  const [missing, ...rest] = Object.keys(state as State);
  if (missing === undefined) return;
  const less = Object.fromEntries(rest.map((key) => [key, (state as State)[key]]));
  // Other values than those in the state: who takes a part of it is seen.
  moveAll(valuesOf(scene), scene.seed);
  const before = valuesOf(scene);
  if (accepts(scene, less)) {
    tally.fault(`setState takes a state without the entry ${missing}: it should refuse it`);
  }
  for (const [path, , values] of valuesOf(scene)) {
    const [, , expected] = before.find(([one]) => one === path) ?? [path, null, values];
    if (sameBits(values, expected)) continue;
    tally.fault(
      `setState has refused a state without the entry ${missing}, and has changed variables.${path}`,
    );
  }
}

function accepts(scene: Scene, state: State): boolean {
  try {
    scene.layer.setState?.(state as never);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
