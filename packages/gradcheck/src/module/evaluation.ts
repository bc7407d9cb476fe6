import type { Tensor } from "@cotangent/core";
import type { Call } from "../graph/calls.ts";
import { Random } from "../numeric/random.ts";
import { sizeOf } from "../numeric/vectors.ts";
import { Batch } from "../properties/batch.ts";
import { type CheckResult, Tally } from "../properties/tally.ts";
import { read, roundings, thrown, unitOf } from "../properties/tensors.ts";
import type { Keeper } from "./keeper.ts";
import { hasModes } from "./parts.ts";
import { isInput, type Scene } from "./scene.ts";

/** Two calls in evaluation give the same bits. */
export function determinismCheck({ forward, inputs, name }: Scene): CheckResult {
  const tally = new Tally("determinism");
  const results = [0, 1].map(() => forward(...inputs));
  const [[once], [again]] = results.map((result) => read([result]));
  tally.compare({
    actual: again,
    expected: once,
    shape: results[0].shape,
    output: "output",
    what: `In evaluation a second call of ${name} gives another output: the element`,
    instead: "in the first. In evaluation nothing is drawn, and nothing else changes from call to call",
  });
  return tally.result();
}

/** A call in evaluation leaves all variables as they are. */
export function evaluationCheck(scene: Scene, keeper: Keeper): CheckResult {
  const tally = new Tally("evaluation");
  const { layer, forward, inputs } = scene;
  if (!hasModes(layer)) tally.note("the module has no modes");
  const paths = new Map([...layer.namedVariables()].map(([path, cell]) => [cell, path]));
  keeper.restoreValues();
  read([forward(...inputs)]);
  const changed = keeper.restoreValues();
  for (const cell of paths.keys()) {
    const path = `variables.${paths.get(cell)}`;
    const state = changed.includes(cell) ? "another" : "the same";
    tally.same(`In evaluation, after a call the value of ${path}`, state, "the same", { input: path });
  }
  return tally.result();
}

/** In evaluation, the first row of the output does not change when the other rows of the inputs do. */
export function batchIndependenceCheck(scene: Scene): CheckResult {
  const tally = new Tally("batchIndependence");
  const [batch] = Batch.candidates(scene.subject(), isInput);
  if (batch === undefined) {
    tally.note("no input has a leading axis");
    return tally.result();
  }
  const rows = Math.max(2, batch.rows);
  const { call, leaves } = batch.withRows(rows);
  const random = new Random(scene.seed);
  const other = batch.withOtherRows(rows, (x) => thrown([x], random)[0]);
  const before = firstRow(call, leaves);
  const after = firstRow(other.call, other.leaves);
  tally.compare({
    actual: after.data,
    expected: before.data,
    allowed: () => roundings((all) => [firstRow(call, all).row], leaves, unitOf(call, leaves), random)[0],
    shape: before.row.shape,
    output: "output",
    what: "In evaluation, when the other rows of the batch change, the first row of the output",
    instead: "before. If rows may depend on one another, pass { independentRows: false }",
  });
  return tally.result();
}

/** The first row of the output. */
function firstRow(
  call: Call,
  leaves: readonly Tensor[],
): { readonly row: Tensor; readonly data: ArrayLike<number> } {
  const [output] = call(leaves);
  const row = output.rank === 0 ? output : output.slice(0, 1);
  return { row, data: read([row])[0].subarray(0, sizeOf(row.shape)) };
}
