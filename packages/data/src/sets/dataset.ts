import { IndexError, isTensor, ShapeError, StateError, type Tensor, tensor } from "@cotangent/core";
import { show } from "../checks.ts";

/**
 * Examples that can be fetched by number. `B` is what a fetch gives: a record of tensors, or a promise of one where examples are
 * loaded when they are needed.
 */
export interface Dataset<B> {
  /** The number of examples. */
  readonly length: number;
  /** The class of each example, where there are classes; splits use it. */
  readonly labels?: ArrayLike<number>;
  /** The examples of these numbers, in this order, along a new or existing first axis. */
  rows(indices: ArrayLike<number>): B;
  /** The examples `start` to `end - 1`. */
  range(start: number, end: number): B;
  /** All examples. */
  all(): B;
}

/** Tensors by name whose first axes are equally long: `{ x: [n, ...], y: [n, ...] }`. */
export type Columns = { readonly [name: string]: Tensor };

/** A data set in memory. */
export class ArrayDataset<C extends Columns> implements Dataset<C> {
  readonly columns: C;
  readonly length: number;
  /** Elements of the columns, fetched when rows are first gathered. */
  readonly #elements = new Map<string, Elements>();

  constructor(columns: C) {
    this.columns = columns;
    this.length = checkColumns(columns);
  }

  /** Slices of the columns: views, nothing is copied. */
  range(start: number, end: number): C {
    checkRange(start, end, this.length);
    if (start === 0 && end === this.length) return this.columns;
    return this.#map((column) => column.slice([start], [end]));
  }

  /** Rows gathered into fresh tensors. */
  rows(indices: ArrayLike<number>): C {
    checkIndices(indices, this.length);
    return this.#map((column, name) => gather(this.#elementsOf(column, name), column, indices));
  }

  all(): C {
    return this.columns;
  }

  #elementsOf(column: Tensor, name: string): Elements {
    let elements = this.#elements.get(name);
    if (elements === undefined) {
      elements = column.dataSync();
      this.#elements.set(name, elements);
    }
    return elements;
  }

  #map(change: (column: Tensor, name: string) => Tensor): C {
    const entries = Object.entries(this.columns).map(([name, column]) => [name, change(column, name)]);
    return Object.fromEntries(entries) as C;
  }
}

/**
 * A data set of tensors whose first axis counts the examples: `arrayDataset({ x: images, y: labels })`. `ShapeError` when the
 * columns are not equally long, or empty.
 */
export function arrayDataset<const C extends Columns>(columns: C): ArrayDataset<C> {
  return new ArrayDataset(columns);
}

/** A data set as it is, or tensors given as `{ x, y }` as one. */
export function datasetOf(data: Dataset<unknown> | Columns): Dataset<unknown> {
  const isDataset = typeof (data as Partial<Dataset<unknown>> | null)?.rows === "function";
  return isDataset ? (data as Dataset<unknown>) : new ArrayDataset(data as Columns);
}

type Elements = ReturnType<Tensor["dataSync"]>;

function gather(elements: Elements, { shape, dtype }: Tensor, indices: ArrayLike<number>): Tensor {
  const rowShape = shape.slice(1);
  const length = rowShape.reduce((product, size) => product * size, 1);
  const make = elements.constructor as new (length: number) => Elements;
  const out = new make(indices.length * length);
  for (let i = 0; i < indices.length; i++) {
    const from = (indices[i] as number) * length;
    out.set(elements.subarray(from, from + length), i * length);
  }
  const copy = dtype === "bool"; // core converts the bytes of booleans, and takes over all other arrays
  return tensor(out, { shape: [indices.length, ...rowShape], dtype, copy });
}

function checkColumns(columns: Columns): number {
  const operation = "arrayDataset";
  const entries = typeof columns === "object" && columns !== null ? Object.entries(columns) : [];
  for (const [name, column] of entries) {
    if (isTensor(column)) continue;
    throw new StateError(`${operation}: ${name} is ${show(column)}, not a tensor`, {
      operation,
      remedy: "Make it one with tensor(data).",
    });
  }
  const [first] = entries;
  if (first === undefined) {
    throw new StateError(`${operation}: ${show(columns)} has no columns`, {
      operation,
      remedy: "Pass { x, y } of tensors.",
    });
  }
  const shapes = entries.map(([, column]) => column.shape);
  const length = shapes[0]?.[0];
  if (length === undefined || length === 0 || shapes.some((shape) => shape[0] !== length)) {
    const listed = entries.map(([name, { shape }]) => `${name} [${shape.join(", ")}]`).join(", ");
    throw new ShapeError(
      `${operation}: the columns ${listed} do not have the same number of examples, from 1`,
      {
        operation,
        shapes,
        remedy: "The first axis counts the examples: one row of y for each of x.",
      },
    );
  }
  return length;
}

/** Refuses a range that is not within 0..length. */
export function checkRange(start: number, end: number, length: number): void {
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (whole && start >= 0 && start < end && end <= length) return;
  throw new IndexError(`range: ${show(start)} to ${show(end)} is not within the ${length} examples`, {
    operation: "range",
    remedy: `Pass whole numbers with 0 <= start < end <= ${length}.`,
  });
}

/** Refuses numbers of examples that do not exist, and empty lists. */
export function checkIndices(indices: ArrayLike<number>, length: number): void {
  if (indices.length === 0)
    throw new IndexError("rows: no example was asked for", {
      operation: "rows",
      remedy: "Pass at least one position",
    });
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    if (Number.isSafeInteger(index) && index >= 0 && index < length) continue;
    throw new IndexError(`rows: there is no example ${show(index)}: they are numbered 0 to ${length - 1}`, {
      operation: "rows",
      remedy: "Pass positions of examples that there are",
    });
  }
}
