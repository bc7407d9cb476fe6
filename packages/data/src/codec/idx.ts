import { StateError } from "@cotangent/core";
import { gunzip } from "./inflate.ts";
import { type Refuse, startsWith, viewOf } from "./reader.ts";

/** The element types of the format, by the names used here. */
export type IdxType = "uint8" | "int8" | "int16" | "int32" | "float32" | "float64";

/** Typed arrays that IDX elements are read into. */
export type IdxArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** An IDX file in memory. */
export interface IdxArrayFile {
  readonly type: IdxType;
  readonly shape: readonly number[];
  readonly data: IdxArray;
}

interface TypeFacts {
  readonly code: number;
  readonly bytes: number;
  readonly create: (length: number) => IdxArray;
  readonly read: (view: DataView, at: number) => number;
  readonly write: (view: DataView, at: number, value: number) => void;
}

/** LeCun's format: two zero bytes, a type code, the number of axes, the sizes, the elements; all big-endian. */
const TYPES: Readonly<Record<IdxType, TypeFacts>> = {
  uint8: {
    code: 0x08,
    bytes: 1,
    create: (n) => new Uint8Array(n),
    read: (v, i) => v.getUint8(i),
    write: (v, i, x) => v.setUint8(i, x),
  },
  int8: {
    code: 0x09,
    bytes: 1,
    create: (n) => new Int8Array(n),
    read: (v, i) => v.getInt8(i),
    write: (v, i, x) => v.setInt8(i, x),
  },
  int16: {
    code: 0x0b,
    bytes: 2,
    create: (n) => new Int16Array(n),
    read: (v, i) => v.getInt16(i),
    write: (v, i, x) => v.setInt16(i, x),
  },
  int32: {
    code: 0x0c,
    bytes: 4,
    create: (n) => new Int32Array(n),
    read: (v, i) => v.getInt32(i),
    write: (v, i, x) => v.setInt32(i, x),
  },
  float32: {
    code: 0x0d,
    bytes: 4,
    create: (n) => new Float32Array(n),
    read: (v, i) => v.getFloat32(i),
    write: (v, i, x) => v.setFloat32(i, x),
  },
  float64: {
    code: 0x0e,
    bytes: 8,
    create: (n) => new Float64Array(n),
    read: (v, i) => v.getFloat64(i),
    write: (v, i, x) => v.setFloat64(i, x),
  },
};

interface Layout {
  readonly type: IdxType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly size: number;
}

/** Longest header: 255 axes. */
const HEAD = 4 + 4 * 255;

/** Reads an IDX file, plain or gzip-compressed. What it unpacks to is bounded by the header, and `maxBytes` bounds that. */
export function readIdx(
  bytes: Uint8Array,
  { maxBytes, refuse }: { maxBytes: number; refuse: Refuse },
): IdxArrayFile {
  if (bytes.length === 0) throw refuse("the file is empty");
  const limitOf = (head: Uint8Array): number => {
    const { start, size, type } = readLayout(head, refuse);
    const total = start + size * TYPES[type].bytes;
    if (total > maxBytes) {
      throw refuse(`its header claims ${total} bytes, more than the limit of ${maxBytes}`, {
        remedy: "Raise the limit with { maxBytes } if the file can be trusted.",
      });
    }
    return total;
  };
  const compressed = startsWith(bytes, [0x1f, 0x8b]);
  const plain = compressed ? gunzip(bytes, { headLength: HEAD, limitOf }, refuse) : bytes;
  const total = limitOf(plain);
  const { type, shape, start, size } = readLayout(plain, refuse);
  if (plain.length !== total) {
    const which =
      plain.length < total ? "it is cut short" : `${plain.length - total} bytes follow after its end`;
    throw refuse(
      `its header [${shape.join(", ")}] of ${type} takes ${total} bytes, and there are ${plain.length}: ${which}`,
    );
  }
  return { type, shape, data: elements(plain.subarray(start), type, size) };
}

function readLayout(bytes: Uint8Array, refuse: Refuse): Layout {
  if (bytes.length < 4) throw refuse("it is cut short inside its IDX header");
  const [zero0, zero1, code, rank] = bytes as unknown as number[] as [number, number, number, number];
  const type = (Object.keys(TYPES) as IdxType[]).find((name) => TYPES[name].code === code);
  if (zero0 !== 0 || zero1 !== 0 || type === undefined) {
    const first = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw refuse(`it is no IDX file (it begins with ${first})`, {
      remedy: "IDX files begin with 00 00, a type code and a rank.",
    });
  }
  const start = 4 + 4 * rank;
  if (rank === 0) throw refuse("its header claims no axes");
  if (bytes.length < start) throw refuse("it is cut short inside its IDX header");
  const view = viewOf(bytes);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0)) throw refuse(`its header claims the empty shape [${shape.join(", ")}]`);
  const size = shape.reduce((product, length) => product * length, 1);
  return { type, shape, start, size };
}

function elements(bytes: Uint8Array, type: IdxType, size: number): IdxArray {
  if (type === "uint8") return bytes.slice();
  const { create, read, bytes: step } = TYPES[type];
  const view = viewOf(bytes);
  const data = create(size);
  for (let i = 0; i < size; i++) data[i] = read(view, i * step);
  return data;
}

/** The bytes of an IDX file with these elements. `StateError` when they do not fill the shape. */
export function encodeIdx({
  type,
  shape,
  data,
}: {
  type: IdxType;
  shape: readonly number[];
  data: ArrayLike<number>;
}): Uint8Array {
  const size = shape.reduce((product, length) => product * length, 1);
  if (shape.length < 1 || shape.length > 255 || size !== data.length || !Object.hasOwn(TYPES, type)) {
    throw new StateError(`encodeIdx: ${data.length} elements of ${type} do not make [${shape.join(", ")}]`, {
      operation: "encodeIdx",
      shapes: [shape],
      remedy: `Types are ${Object.keys(TYPES).join(", ")}; shapes have 1 to 255 axes.`,
    });
  }
  const { code, bytes: step, write } = TYPES[type];
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + size * step);
  const view = viewOf(bytes);
  bytes[2] = code;
  bytes[3] = shape.length;
  for (const [axis, length] of shape.entries()) view.setUint32(4 + 4 * axis, length);
  for (let i = 0; i < size; i++) write(view, start + i * step, data[i] as number);
  return bytes;
}
