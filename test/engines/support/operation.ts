import { DTYPES, type DType, type Tensor } from "@cotangent/core";
import type { Grower } from "./grower.ts";

/** How a primitive is added to a program. */
export interface Operation {
  /** The dtypes of its operands (of its result, for leaves). */
  readonly dtypes: readonly DType[];
  /** How often it is chosen. */
  readonly weight: number;
  /** Left out of programs with extreme inputs: its error depends on the order of adding or multiplying. */
  readonly accumulates?: boolean;
  /** Adds one such operation; null where nothing fits. */
  grow(g: Grower, dtype: DType): Tensor | null;
}

export type Operations = Readonly<Record<string, Operation>>;

export const FLOATING: readonly DType[] = ["float32", "float64"];
export const INTEGER: readonly DType[] = ["int32", "uint32"];
export const NUMERIC: readonly DType[] = [...INTEGER, ...FLOATING];
export const LOGICAL: readonly DType[] = ["bool", ...INTEGER];
export const ALL: readonly DType[] = DTYPES;
