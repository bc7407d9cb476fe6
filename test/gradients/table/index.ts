import type { Row } from "../support/row.ts";
import { composedRows } from "./composed.ts";
import { contractRows } from "./contract.ts";
import { discreteRows } from "./discrete.ts";
import { movementRows } from "./movement.ts";
import { reduceRows } from "./reduce.ts";
import { scalarRows } from "./scalar.ts";

/** Every operation with a derivative, a row for each way of calling it. */
export const TABLE: readonly Row[] = [
  ...scalarRows,
  ...discreteRows,
  ...reduceRows,
  ...movementRows,
  ...contractRows,
  ...composedRows,
];

/** The row of a name. */
export function rowOf(name: string): Row {
  const found = TABLE.find((row) => row.name === name);
  if (found === undefined) throw new Error(`there is no row ${name}`);
  return found;
}
