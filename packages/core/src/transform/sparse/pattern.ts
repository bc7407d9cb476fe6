import { describeValue } from "../../types/trees.ts";
import { GradientError } from "../../util/errors.ts";
import type { Sets } from "./sets.ts";

/** Where a matrix may differ from zero: two lists of equal length, of the rows and columns of its entries, in any order. */
export interface Sparsity {
  readonly rows: ArrayLike<number>;
  readonly cols: ArrayLike<number>;
}

/** Entries that a pattern may have: four bytes for each row and each column, and the values. */
const MAX_ENTRIES = 1 << 27;

/** The places of a sparse matrix, row by row, columns in ascending order. */
export class Pattern {
  constructor(
    readonly height: number,
    readonly width: number,
    /** Row r's columns are cols[starts[r]] to cols[starts[r + 1] - 1]. */
    readonly starts: Int32Array,
    readonly cols: Int32Array,
  ) {}

  /** From what each row depends on. @throws GradientError when there are too many entries to write down */
  static fromSets(
    sets: Sets,
    elements: readonly (Int32Array | null)[],
    sizes: readonly number[],
    operation: string,
  ): Pattern {
    const height = sizes.reduce((sum, size) => sum + size, 0);
    const rows = new Int32Array(height);
    let row = 0;
    elements.forEach((own, k) => {
      if (own !== null) rows.set(own, row);
      row += sizes[k];
    });
    const count = rows.reduce((sum, set) => sum + sets.sizeOf(set), 0);
    if (count > MAX_ENTRIES) {
      throw new GradientError(`${count} of the derivatives may differ from zero`, {
        operation,
        remedy: "That is not sparse: use products (hvp, jvp, vjp), or give the sparsity, if you know better",
      });
    }
    const starts = new Int32Array(height + 1);
    const cols = new Int32Array(count);
    rows.forEach((set, r) => {
      cols.set(sets.of(set), starts[r]);
      starts[r + 1] = starts[r] + sets.sizeOf(set);
    });
    return new Pattern(height, sets.size, starts, cols);
  }

  /** From lists of places. @throws GradientError for what is none, or lies outside */
  static fromLists(sparsity: unknown, height: number, width: number, operation: string): Pattern {
    const { rows, cols } = (sparsity ?? {}) as Partial<Sparsity>;
    const wrong = (message: string): GradientError =>
      new GradientError(message, {
        operation,
        remedy:
          "sparsity is { rows, cols }: two arrays of equal length, with the row and the column of each entry",
      });
    if (!isList(rows) || !isList(cols))
      throw wrong(`sparsity is ${describeValue(sparsity)} without rows and cols`);
    if (rows.length !== cols.length) throw wrong(`sparsity has ${rows.length} rows, but ${cols.length} cols`);
    for (let i = 0; i < rows.length; i++) {
      if (isPlace(rows[i], height) && isPlace(cols[i], width)) continue;
      throw wrong(
        `entry [${rows[i]}, ${cols[i]}] of the sparsity lies outside of a ${height} by ${width} matrix`,
      );
    }
    const byColumn = counted(cols, rows, width);
    return counted(byColumn.cols, columnsOf(byColumn.starts), height, width).unique();
  }

  /** The row of each entry. */
  rows(): Int32Array {
    return columnsOf(this.starts);
  }

  transposed(): Pattern {
    return counted(this.cols, this.rows(), this.width, this.height);
  }

  /** With each entry also the one that lies across the diagonal. */
  symmetric(): Pattern {
    const other = this.transposed();
    const cols = new Int32Array(this.cols.length + other.cols.length);
    const starts = new Int32Array(this.height + 1);
    let next = 0;
    for (let r = 0; r < this.height; r++) {
      let [i, k] = [this.starts[r], other.starts[r]];
      const [end, last] = [this.starts[r + 1], other.starts[r + 1]];
      while (i < end || k < last) {
        const x = i < end ? this.cols[i] : Number.POSITIVE_INFINITY;
        const y = k < last ? other.cols[k] : Number.POSITIVE_INFINITY;
        cols[next++] = Math.min(x, y);
        if (x <= y) i++;
        if (y <= x) k++;
      }
      starts[r + 1] = next;
    }
    return new Pattern(this.height, this.width, starts, cols.slice(0, next));
  }

  /** The place of the entry across the diagonal, for each entry of a symmetric pattern. */
  mirrored(): Int32Array {
    const next = this.starts.slice();
    const across = new Int32Array(this.cols.length);
    // Rows ascend, and so do the columns of each row: the entries of a column are met in the order of its own row.
    for (let r = 0; r < this.height; r++)
      for (let p = this.starts[r]; p < this.starts[r + 1]; p++) across[p] = next[this.cols[p]]++;
    return across;
  }

  private unique(): Pattern {
    const starts = new Int32Array(this.height + 1);
    const cols = new Int32Array(this.cols.length);
    let next = 0;
    for (let r = 0; r < this.height; r++) {
      for (let p = this.starts[r]; p < this.starts[r + 1]; p++) {
        if (p === this.starts[r] || this.cols[p] !== this.cols[p - 1]) cols[next++] = this.cols[p];
      }
      starts[r + 1] = next;
    }
    return new Pattern(this.height, this.width, starts, cols.slice(0, next));
  }
}

const isList = (value: unknown): value is ArrayLike<number> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

const isPlace = (value: number, size: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < size;

/** Entries counted into rows: those of one row stay in their order. */
function counted(rows: ArrayLike<number>, cols: ArrayLike<number>, height: number, width = 0): Pattern {
  const starts = new Int32Array(height + 1);
  for (let i = 0; i < rows.length; i++) starts[rows[i] + 1]++;
  for (let r = 0; r < height; r++) starts[r + 1] += starts[r];
  const next = starts.slice();
  const own = new Int32Array(cols.length);
  for (let i = 0; i < rows.length; i++) own[next[rows[i]]++] = cols[i];
  return new Pattern(height, width, starts, own);
}

function columnsOf(starts: Int32Array): Int32Array {
  const rows = new Int32Array(starts[starts.length - 1]);
  for (let r = 0; r + 1 < starts.length; r++) rows.fill(r, starts[r], starts[r + 1]);
  return rows;
}
