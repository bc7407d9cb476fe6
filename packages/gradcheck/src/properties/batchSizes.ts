import { formatShape, type Shape, type Tensor, tensor } from "@cotangent/core";
import type { Subject } from "../check/subject.ts";
import { pulled, traced, tracedGraph } from "../graph/calls.ts";
import { Random } from "../numeric/random.ts";
import { sizeOf } from "../numeric/vectors.ts";
import { Batch } from "./batch.ts";
import { firstUnlike } from "./culprit.ts";
import { isRepeatable } from "./repeatable.ts";
import { type CheckResult, Tally } from "./tally.ts";
import { directionsLike, kindText, movedBy, read, roundings, unitOf } from "./tensors.ts";

/** How far other rows are moved, to see whether the first row of a result follows. */
const SHARE = 0.125;

/**
 * Leading axes of size 0 and 1 work. Batched are the inputs that share a leading size, as many as there are; if the function
 * takes no other size of all of them, one alone. Results whose leading axis follows the batch have it at sizes 0 and 1, too;
 * where their rows do not depend on one another, a batch of one gives the first row of the full batch, in values and
 * gradients; and sums over no rows have gradients without NaN. `mayBatch` says which paths can be batched.
 */
export function batchSizesProperty(
  subject: Subject,
  mayBatch: (path: string) => boolean = () => true,
): CheckResult {
  const tally = new Tally("batchSizes");
  if (!isRepeatable(subject, tally)) return tally.result();
  const candidates = Batch.candidates(subject, mayBatch);
  if (candidates.length === 0) {
    tally.note("no input has a leading axis");
    return tally.result();
  }
  const batch = candidates.find(takesOtherSizes) ?? candidates[0];
  tally.note(`batched: ${batch.paths.join(", ")}`);
  const rows = batch.paths.join(", ");
  tally.attempt(`With another number of rows in ${rows}`, () => {
    const sizes = new BatchSizes(batch, tally);
    tally.attempt(`With one row in ${rows}`, () => sizes.one());
    tally.attempt(`Without rows in ${rows}`, () => sizes.none());
  });
  return tally.result();
}

/** Another size than that of the batch, neither 0 nor 1. */
const otherSize = ({ rows }: Batch): number => (rows > 2 ? rows - 1 : 3);

function takesOtherSizes(batch: Batch): boolean {
  try {
    const { call, leaves } = batch.withRows(otherSize(batch));
    traced(call, leaves);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

class BatchSizes {
  /** At least two rows. */
  private readonly rows: number;
  private readonly full: Subject;
  private readonly random: Random;
  private readonly outputs: readonly Tensor[];
  /** The shapes of the results at another size: they show which axes follow the batch. */
  private readonly otherShapes: readonly Shape[];

  constructor(
    private readonly batch: Batch,
    private readonly tally: Tally,
  ) {
    this.rows = Math.max(batch.rows, 2);
    this.full = batch.withRows(this.rows);
    this.random = new Random(this.full.seed);
    this.outputs = traced(this.full.call, this.full.leaves);
    const { call, leaves } = batch.withRows(otherSize(batch));
    this.otherShapes = traced(call, leaves).map(({ shape }) => shape);
  }

  /** The shape of result i at so many rows; null where it follows the batch in a way of its own. */
  private shapeAt(i: number, rows: number): readonly number[] | null {
    const { shape } = this.outputs[i];
    const other = this.otherShapes[i];
    if (other === undefined || other.length !== shape.length) return null;
    const sizes = shape.map((size, axis) => {
      if (size === other[axis]) return size;
      return size === this.rows && other[axis] === otherSize(this.batch) ? rows : -1;
    });
    return sizes.includes(-1) ? null : sizes;
  }

  /** Whether the leading axis of result i is the batch. */
  private isPerRow(i: number): boolean {
    const [first, ...rest] = this.shapeAt(i, -2) ?? [];
    return first === -2 && !rest.includes(-2);
  }

  /** Whether result i has the shape and dtype that it should have at so many rows. */
  private hasKind(found: Tensor, i: number, rows: number): boolean {
    const shape = this.shapeAt(i, rows);
    if (shape === null) return true;
    const { dtype } = this.outputs[i];
    const output = this.full.resultPaths[i];
    const what = `With ${rows === 0 ? "no rows" : "one row"} the kind of ${output}`;
    const [actual, expected] = [kindText(found), kindText({ dtype, shape })];
    if (actual === expected) return this.tally.same(what, actual, expected);
    const [own, full] = [this.batch.withRows(rows), this.full].map(({ call, leaves }) =>
      tracedGraph(call, leaves),
    );
    return this.tally.same(what, actual, expected, { output, culprit: firstUnlike(own, full) });
  }

  /** A batch of one row. */
  one(): void {
    const single = this.batch.withRows(1);
    const results = traced(single.call, single.leaves);
    const fits = results.map((result, i) => this.hasKind(result, i, 1));
    const apart = this.independentRows();
    const comparable = results.map((_, i) => fits[i] && apart[i]);
    const left = results.flatMap((_, i) => (apart[i] ? [] : [this.full.resultPaths[i]]));
    if (left.length > 0)
      this.tally.note(`not compared with the full batch, because rows of it meet there: ${left.join(", ")}`);
    if (!comparable.includes(true)) return;
    this.compareValues(single, results, comparable);
    this.compareGradients(single, comparable);
  }

  private compareValues(single: Subject, results: readonly Tensor[], comparable: readonly boolean[]): void {
    const values = read(results);
    const expected = read(this.outputs);
    results.forEach(({ shape }, i) => {
      if (!comparable[i]) return;
      const output = this.full.resultPaths[i];
      this.tally.compare({
        actual: values[i],
        expected: expected[i].subarray(0, sizeOf(shape)),
        allowed: () => roundings(single.call, single.leaves, this.unit(), this.random)[i],
        shape,
        output,
        what: `With one row ${output}`,
        instead: "in the first row of the full batch",
      });
    });
  }

  /** The gradients of what is comparable, weighted in the first row alone. */
  private compareGradients(single: Subject, comparable: readonly boolean[]): void {
    const { full, batch, tally, random } = this;
    const chosen =
      ({ call }: Subject) =>
      (leaves: readonly Tensor[]) =>
        call(leaves).filter((_, i) => comparable[i]);
    const results = this.outputs.filter((_, i) => comparable[i]);
    const ofOne = directionsLike(results.map(firstRow), random);
    const ofAll = results.map((result, i) => inFirstRow(result, ofOne[i]));
    const gradient = pulled(chosen(single), ofOne);
    const actual = read(gradient(single.leaves));
    const expected = read(pulled(chosen(full), ofAll)(full.leaves));
    single.leaves.forEach(({ shape, size }, i) => {
      const path = single.paths[i];
      tally.compare({
        actual: actual[i],
        expected: batch.has(path) ? expected[i].subarray(0, size) : expected[i],
        allowed: () => roundings(gradient, single.leaves, this.unit(), random)[i],
        shape,
        input: path,
        what: `With one row the gradient by ${path}`,
        instead: "from the first row of the full batch",
      });
    });
  }

  /** For each result whether its first row stays the same when the inputs of the other rows change, or are NaN. */
  private independentRows(): boolean[] {
    const { full, random } = this;
    const before = read(this.outputs);
    const afterwards = [(x: Tensor) => movedBy([x], SHARE, random)[0], nanLike].map((change) => {
      const { call, leaves } = this.batch.withOtherRows(this.rows, change);
      return read(traced(call, leaves));
    });
    let allowed: Float64Array[] | undefined;
    return this.outputs.map(({ shape }, i) => {
      if (!this.isPerRow(i)) return false;
      for (let k = 0; k < sizeOf(shape.slice(1)); k++) {
        for (const after of afterwards) {
          if (Object.is(before[i][k], after[i][k])) continue;
          allowed ??= roundings(full.call, full.leaves, this.unit(), random);
          if (!(Math.abs(before[i][k] - after[i][k]) <= allowed[i][k])) return false;
        }
      }
      return true;
    });
  }

  /** No rows at all. */
  none(): void {
    const { tally } = this;
    const empty = this.batch.withRows(0);
    const results = traced(empty.call, empty.leaves);
    results.forEach((result, i) => {
      this.hasKind(result, i, 0);
    });
    const values = read(results);
    const isNumber = values.map((data) => data.every((x: number) => !Number.isNaN(x)));
    const left = results.flatMap((_, i) => (isNumber[i] ? [] : [this.full.resultPaths[i]]));
    if (left.length > 0) tally.note(`NaN without rows, as means of nothing are: ${left.join(", ")}`);
    if (!isNumber.includes(true)) return;
    const call = (leaves: readonly Tensor[]) => empty.call(leaves).filter((_, i) => isNumber[i]);
    const weights = results.filter((_, i) => isNumber[i]).map(onesLike);
    read(pulled(call, weights)(empty.leaves)).forEach((data, i) => {
      const path = empty.paths[i];
      const { shape } = empty.leaves[i];
      const at = data.findIndex((x: number) => Number.isNaN(x));
      const what = `Without rows the gradient of the sum of all results by ${path}`;
      tally.same(
        what,
        at < 0 ? "without NaN" : `NaN in an input of shape ${formatShape(shape)}`,
        "without NaN",
        {
          input: path,
          order: 1,
        },
      );
    });
  }

  private unit(): number {
    return unitOf(this.full.call, this.full.leaves);
  }
}

const onesLike = ({ shape, dtype }: Tensor): Tensor =>
  tensor(new Float64Array(sizeOf(shape)).fill(1), { shape, dtype });

const nanLike = ({ shape, dtype }: Tensor): Tensor =>
  tensor(new Float64Array(sizeOf(shape)).fill(Number.NaN), { shape, dtype });

/** The first row as a batch of one. */
const firstRow = (x: Tensor): Tensor =>
  tensor(x.dataSync().subarray(0, sizeOf(x.shape.slice(1))), {
    shape: [1, ...x.shape.slice(1)],
    dtype: x.dtype,
  });

/** Zeros like x, but for the first row. */
const inFirstRow = (x: Tensor, row: Tensor): Tensor => {
  const data = new Float64Array(sizeOf(x.shape));
  data.set(row.dataSync());
  return tensor(data, { shape: x.shape, dtype: x.dtype });
};
