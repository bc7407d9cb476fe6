/** The types of WebAssembly's values. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

const CODES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** The byte that stands for a type in the binary format. */
export const typeCode = (type: ValueType): number => CODES[type];

/** What a function takes and gives. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Equal for equal signatures. */
export const signatureKey = ({ params, results }: Signature): string => `${params.join()}>${results.join()}`;
