import {
  createArray,
  flattenTree,
  isFloating,
  isTensor,
  type Tensor,
  type TypedArray,
  tensor,
} from "@cotangent/core";
import { isAnything, Subject } from "../check/subject.ts";
import type { Call } from "../graph/calls.ts";
import { sizeOf } from "../numeric/vectors.ts";

/** The inputs of a function that share a leading axis, and calls with more or fewer rows. */
export class Batch {
  /** The size of the leading axis. */
  readonly rows: number;
  private readonly flat: ReturnType<typeof flattenTree<unknown>>;

  private constructor(
    private readonly subject: Subject,
    /** Places of the batched tensors among all that is in the arguments. */
    private readonly places: readonly number[],
  ) {
    this.flat = flattenTree(subject.args, isAnything, subject.operation);
    this.rows = (this.flat.leaves[places[0]] as Tensor).shape[0];
  }

  /**
   * What may be batches of a function: the inputs that share a leading size, as many as there are, the largest group first;
   * then each of them alone. `mayBatch` says which paths count as inputs here.
   */
  static candidates(subject: Subject, mayBatch: (path: string) => boolean): Batch[] {
    const { leaves, paths } = flattenTree(subject.args, isAnything, subject.operation);
    const bySize = new Map<number, number[]>();
    leaves.forEach((leaf, place) => {
      if (!isTensor(leaf) || leaf.rank === 0 || leaf.shape[0] === 0) return;
      if (!mayBatch(`inputs${paths[place]}`)) return;
      bySize.set(leaf.shape[0], [...(bySize.get(leaf.shape[0]) ?? []), place]);
    });
    const groups = [...bySize.values()].toSorted((a, b) => b.length - a.length);
    const alone = groups.flatMap((group) => (group.length > 1 ? group.map((place) => [place]) : []));
    return [...groups, ...alone].map((places) => new Batch(subject, places));
  }

  /** Their paths. */
  get paths(): string[] {
    return this.places.map((place) => `inputs${this.flat.paths[place]}`);
  }

  /**
   * The function at so many rows: the first of those that there are, and again from the start where they do not suffice.
   * Inputs that `repeats` names have their first row everywhere.
   */
  withRows(rows: number, repeats: (x: Tensor) => boolean = () => false): Subject {
    const { operation, name, f, seed } = this.subject;
    const leaves = this.flat.leaves.map((leaf, place) => {
      if (!this.places.includes(place)) return leaf;
      const x = leaf as Tensor;
      return resized(x, rows, repeats(x) ? 1 : x.shape[0]);
    });
    return new Subject(operation, name, f, this.flat.unflatten(leaves) as unknown[], seed);
  }

  /**
   * As `withRows`, with others in all rows but the first: `change` makes them of floating inputs, whole numbers (indices,
   * labels) are those of the first row.
   */
  withOtherRows(
    rows: number,
    change: (x: Tensor) => Tensor,
  ): { readonly call: Call; readonly leaves: Tensor[] } {
    const { call, leaves, paths } = this.withRows(rows, ({ dtype }) => !isFloating(dtype));
    const given = this.withRows(rows).leaves;
    return {
      call,
      leaves: leaves.map((leaf, i) => (this.has(paths[i]) ? withFirstRow(change(given[i]), given[i]) : leaf)),
    };
  }

  /** Whether a path is that of a batched input. */
  has(path: string): boolean {
    return this.paths.includes(path);
  }
}

/** So many rows, of the first `count` in turn. */
function resized(x: Tensor, rows: number, count: number): Tensor {
  const [, ...rest] = x.shape;
  const size = sizeOf(rest);
  const data = x.dataSync();
  const result = createArray(x.dtype, rows * size);
  for (let row = 0; row < rows; row++) {
    const from = (row % count) * size;
    result.set(data.subarray(from, from + size) as never, row * size);
  }
  return tensor(result, { shape: [rows, ...rest], dtype: x.dtype });
}

/** x with the first row of `other`. */
function withFirstRow(x: Tensor, other: Tensor): Tensor {
  const data: TypedArray = x.dataSync();
  data.set(other.dataSync().subarray(0, sizeOf(x.shape.slice(1))) as never);
  return tensor(data, { shape: x.shape, dtype: x.dtype });
}
