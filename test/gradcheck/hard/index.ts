import type { HardRow } from "../support/rows.ts";
import { kinks } from "./kinks.ts";
import { float32, scales } from "./scales.ts";
import { cancelling, flat, special, steep } from "./smooth.ts";
import { second, structure } from "./structure.ts";

/** All correct functions that are hard to check. */
export const HARD: readonly HardRow[] = [
  ...steep,
  ...flat,
  ...cancelling,
  ...special,
  ...kinks,
  ...scales,
  ...float32,
  ...structure,
  ...second,
];
