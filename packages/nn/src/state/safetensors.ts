import type { DType } from "@cotangent/core";

/**
 * The layout of saved states: that of safetensors files, which many other tools read and write.
 *
 * | bytes | what |
 * |---|---|
 * | 0 to 7 | n, the length of the header: an unsigned 64-bit integer, little-endian |
 * | 8 to 8 + n | the header: JSON in UTF-8, `{` first, spaces at its end up to a multiple of 8 bytes |
 * | the rest | the elements of all tensors, row-major, little-endian, without gaps |
 *
 * The header maps names to `{ "dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end] }`, offsets counted from the
 * end of the header, and `__metadata__` to texts; ours are `format: "cotangent"` and the version of the layout.
 */
export const LAYOUT = { format: "cotangent", version: "1" } as const;

/** The key of the header that is not a tensor. */
export const METADATA = "__metadata__";

/** Headers longer than this are refused, as by the safetensors library. */
export const MAX_HEADER_BYTES = 100_000_000;

/** An entry of the header. */
export interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/** The names of dtypes in headers. */
export const DTYPE_NAMES: Record<DType, string> = {
  bool: "BOOL",
  uint32: "U32",
  int32: "I32",
  float32: "F32",
  float64: "F64",
};

/** Bytes per element. */
export const DTYPE_BYTES: Record<DType, number> = { bool: 1, uint32: 4, int32: 4, float32: 4, float64: 8 };

/** The dtype of a name in a header, or undefined for one that Cotangent does not have. */
export const dtypeNamed = (name: unknown): DType | undefined =>
  (Object.keys(DTYPE_NAMES) as DType[]).find((dtype) => DTYPE_NAMES[dtype] === name);

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Turns the machine's byte order into little-endian or back, in place: nothing to do on most machines. */
export function orderBytes(bytes: Uint8Array, elementBytes: number, littleEndian = IS_LITTLE_ENDIAN): void {
  if (littleEndian || elementBytes === 1) return;
  for (let at = 0; at < bytes.length; at += elementBytes) bytes.subarray(at, at + elementBytes).reverse();
}
