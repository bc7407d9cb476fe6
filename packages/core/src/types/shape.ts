import { IndexError, ShapeError } from "../util/errors.ts";
import { shared } from "../util/shared.ts";
import { describeValue } from "./trees.ts";

/** Sizes of the axes, outermost first; `[]` is the shape of a scalar. */
export type Shape = readonly number[];

const ID = Symbol("cotangent/shapeId");
type InternedShape = Shape & { readonly [ID]: number };

interface ShapeTable {
  nextId: number;
  count: number;
  /** Shapes by hash. */
  readonly shapes: Map<number, InternedShape[]>;
}

/** Beyond this many shapes the table starts afresh; ids go on, so that an old id never means a new shape. */
const TABLE_LIMIT = 1 << 16;

const table = shared<ShapeTable>("shapes", () => ({ nextId: 1, count: 0, shapes: new Map() }));

/** FNV-1a. Building a string to look a shape up by would take longer than all the rest of making a node. */
function hashOf(dims: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < dims.length; i++) {
    // What is no number is refused when it is not found.
    if (typeof dims[i] !== "number") return 0;
    hash = Math.imul(hash ^ dims[i], 0x01000193);
  }
  return hash;
}

/** @throws ShapeError unless `dims` is an array: the sizes one by one are a mistake from elsewhere */
export function checkShapeArray(dims: readonly number[], operation: string): void {
  if (Array.isArray(dims)) return;
  const given = typeof dims === "number" ? dims : describeValue(dims);
  throw new ShapeError(`${given} is not a shape`, {
    operation,
    remedy: "A shape is an array of sizes: [2, 3] for a matrix, [3] for a vector, [] for a scalar",
  });
}

/** `dims` as a frozen shape, one object for each shape in use. @throws ShapeError unless all are sizes */
export function toShape(dims: readonly number[], operation = "shape"): Shape {
  checkShapeArray(dims, operation);
  if ((dims as Partial<InternedShape>)[ID] !== undefined) return dims;
  const hash = hashOf(dims);
  const bucket = table.shapes.get(hash);
  if (bucket !== undefined) {
    for (let i = 0; i < bucket.length; i++) if (sameShape(bucket[i], dims)) return bucket[i];
  }
  return intern(dims, hash, operation);
}

function intern(dims: readonly number[], hash: number, operation: string): Shape {
  checkSizes(dims, operation);
  if (table.count >= TABLE_LIMIT) {
    table.shapes.clear();
    table.count = 0;
  }
  // -0 is 0 from here on.
  const shape = dims.map((size) => size + 0);
  Object.defineProperty(shape, ID, { value: table.nextId++ });
  const interned = Object.freeze(shape) as unknown as InternedShape;
  const bucket = table.shapes.get(hash);
  if (bucket === undefined) table.shapes.set(hash, [interned]);
  else bucket.push(interned);
  table.count++;
  return interned;
}

/** Beyond this many elements an index is not exact. */
const MAX_SIZE = Number.MAX_SAFE_INTEGER;

function checkSizes(dims: readonly number[], operation: string): void {
  const wrong = dims.find((size) => !Number.isInteger(size) || size < 0);
  if (wrong === undefined && sizeOf(dims) <= MAX_SIZE) return;
  throw new ShapeError(
    `${formatShape(dims)} ${wrong === undefined ? "has too many elements" : "is not a shape"}`,
    {
      operation,
      shapes: [dims],
      remedy: "Sizes are whole numbers, 0 or more, with at most 2^53 elements in all",
    },
  );
}

/** Whether `dims` is a shape in use, rather than any list of numbers. */
export const isInterned = (dims: readonly number[]): boolean =>
  (dims as Partial<InternedShape>)[ID] !== undefined;

/** The number of a shape in plan keys. */
export const shapeId = (shape: Shape): number => (toShape(shape) as InternedShape)[ID];

/** The number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i];
  return size;
}

/** True when both have the same sizes. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** As in messages: `[2, 3]`. */
export const formatShape = (shape: Shape): string => `[${shape.join(", ")}]`;

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** NumPy broadcasting: axes are aligned at the end, and a size of 1 stretches. @throws ShapeError */
export function broadcastShapes(operation: string, ...shapes: readonly Shape[]): Shape {
  let result = shapes[0] ?? [];
  for (let i = 1; i < shapes.length; i++) result = broadcastPair(operation, result, shapes[i], shapes);
  return toShape(result);
}

/** Whether repeating missing axes and those of size 1 makes `to` out of `from`. */
export function stretches(from: Shape, to: Shape): boolean {
  const offset = to.length - from.length;
  if (offset < 0) return false;
  for (let axis = 0; axis < from.length; axis++) {
    if (from[axis] !== 1 && from[axis] !== to[axis + offset]) return false;
  }
  return true;
}

function broadcastPair(operation: string, a: Shape, b: Shape, all: readonly Shape[]): Shape {
  if (stretches(b, a)) return a;
  if (stretches(a, b)) return b;
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = i <= a.length ? a[a.length - i] : 1;
    const n = i <= b.length ? b[b.length - i] : 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `shapes ${all.map(formatShape).join(" and ")} do not broadcast: axis -${i} has sizes ${m} and ${n}`,
        {
          operation,
          shapes: all,
          remedy: "Sizes must be equal or 1; reshape or expandDims puts axes where they match",
        },
      );
    }
    result[rank - i] = m === 1 ? n : m;
  }
  return result;
}

/** An axis counted from the front, from one that may count from the end (-1 is the last). @throws IndexError */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  const positive = typeof axis === "number" && axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    const given = typeof axis === "number" ? String(axis) : describeValue(axis);
    throw new IndexError(`axis ${given} is out of range for rank ${rank}`, {
      operation,
      remedy: rank === 0 ? "A scalar has no axes" : `Axes go from ${-rank} to ${rank - 1}`,
    });
  }
  return positive;
}

/** A number, or numbers, as a list: axes and what goes with them. @throws IndexError for what is neither */
export function listOf(
  operation: string,
  what: string,
  given: number | readonly number[],
): readonly number[] {
  if (typeof given === "number") return [given];
  if (Array.isArray(given)) return given;
  throw new IndexError(`${what} are ${describeValue(given)}`, {
    operation,
    remedy: "Give a number or an array of numbers; options come after them",
  });
}

/** Axes as a sorted list without repeats, counted from the front; `undefined` means all. @throws IndexError */
export function normalizeAxes(
  operation: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: rank }, (_, axis) => axis);
  const given = listOf(operation, "axes", axes);
  const list = given.map((axis) => normalizeAxis(operation, axis, rank));
  if (new Set(list).size !== list.length) {
    throw new IndexError(`axes ${formatShape(given)} name an axis twice`, {
      operation,
      remedy: "Name each axis once; -1 and rank - 1 are the same",
    });
  }
  return list.sort((a, b) => a - b);
}

/** `shape` without `axes` (counted from the front), or with size 1 in their places. */
export function removeAxes(shape: Shape, axes: readonly number[], keepDims = false): Shape {
  if (keepDims) return toShape(shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
  return toShape(shape.filter((_, axis) => !axes.includes(axis)));
}
