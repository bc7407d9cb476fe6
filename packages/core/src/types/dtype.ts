import { DTypeError } from "../util/errors.ts";

/** The element types, in the order of promotion (`int32` and `uint32` together give `int32`). */
export const DTYPES = ["bool", "uint32", "int32", "float32", "float64"] as const;

/** The type of a tensor's elements. */
export type DType = (typeof DTYPES)[number];

/** What holds a tensor's elements in JavaScript: one byte per `bool`, 0 or 1. */
export type TypedArray = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array;

interface DTypeFacts {
  readonly rank: number;
  readonly bytes: number;
  readonly floating: boolean;
  readonly create: (size: number) => TypedArray;
}

const FACTS: Record<DType, DTypeFacts> = {
  bool: { rank: 0, bytes: 1, floating: false, create: (size) => new Uint8Array(size) },
  uint32: { rank: 1, bytes: 4, floating: false, create: (size) => new Uint32Array(size) },
  int32: { rank: 2, bytes: 4, floating: false, create: (size) => new Int32Array(size) },
  float32: { rank: 3, bytes: 4, floating: true, create: (size) => new Float32Array(size) },
  float64: { rank: 4, bytes: 8, floating: true, create: (size) => new Float64Array(size) },
};

/** The number of `dtype` in the order of promotion; also its number in plan keys. */
export const dtypeRank = (dtype: DType): number => FACTS[dtype].rank;

/** Bytes per element. */
export const dtypeBytes = (dtype: DType): number => FACTS[dtype].bytes;

/** True for float32 and float64: the dtypes that have derivatives. */
export const isFloating = (dtype: DType): boolean => FACTS[dtype].floating;

/** A zeroed typed array for `size` elements. */
export const createArray = (dtype: DType, size: number): TypedArray => FACTS[dtype].create(size);

/** The dtype that holds both: bool < uint32 < int32 < float32 < float64. */
export const promote = (a: DType, b: DType): DType => (dtypeRank(a) >= dtypeRank(b) ? a : b);

/** The dtype of division, of elementary functions and of means: floating dtypes stay, the rest gives float32. */
export const floatingFor = (dtype: DType): DType => (isFloating(dtype) ? dtype : "float32");

/** `value` as a DType. @throws DTypeError when it is not the name of one. */
export function checkDType(value: unknown, operation: string): DType {
  if (typeof value === "string" && value in FACTS) return value as DType;
  throw new DTypeError(`unknown dtype ${String(value)}`, {
    operation,
    remedy: `Use one of ${DTYPES.join(", ")}`,
  });
}
