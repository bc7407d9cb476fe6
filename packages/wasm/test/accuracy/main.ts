// The errors and the speed of the elementary functions:
// npm run accuracy:math -- [--only exp,log] [--dtype float32] [--full] [--write-docs] [--cases DIR]

import { parseArgs } from "node:util";
import { formatTable, type Row, writeDocs } from "./docs.ts";
import { type Measurement, measureFloat32, measureFloat32Pairs } from "./float32.ts";
import { hasCases, measureFloat64 } from "./float64.ts";
import type { FloatType } from "./kernel.ts";
import { arityOf, FUNCTIONS, NAMES } from "./reference.ts";
import { measureSpeed } from "./speed.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    dtype: { type: "string" },
    full: { type: "boolean", default: false },
    "write-docs": { type: "boolean", default: false },
    cases: { type: "string", default: "packages/wasm/test/accuracy/cases" },
  },
});
const names = values.only?.split(",") ?? NAMES;
const dtypes = (["float32", "float64"] as const).filter((dtype) => (values.dtype ?? dtype) === dtype);
const unknown = names.filter((name) => !NAMES.includes(name));
if (unknown.length > 0 || dtypes.length === 0) {
  console.error(`There is no ${unknown.join(", ") || values.dtype}. Functions: ${NAMES.join(", ")}`);
  process.exit(2);
}

/** Bit patterns between two that are tried, without `--full`. */
const STEP = 509;

function measure(name: string, dtype: FloatType): Measurement | undefined {
  if (FUNCTIONS[dtype][name] === undefined) return undefined;
  if (dtype === "float64")
    return hasCases(values.cases, name) ? measureFloat64(name, values.cases) : undefined;
  if (arityOf(name) > 1) return measureFloat32Pairs(name, values.full ? 2 ** 29 : 2 ** 22);
  return measureFloat32(name, values.full ? 1 : STEP);
}

const formatCount = (count: number): string => (count >= 2 ** 32 ? "all" : count.toLocaleString("en"));

function rowOf(name: string, dtype: FloatType): Row | undefined {
  const measured = measure(name, dtype);
  if (measured === undefined) return undefined;
  const { inputs, error, at } = measured;
  return {
    name,
    dtype,
    inputs: formatCount(inputs),
    error: error.toFixed(3),
    at: at.map((x) => (dtype === "float32" ? Number(x.toPrecision(9)) : x)).join(", "),
    nanoseconds: measureSpeed(name, dtype).toFixed(2),
  };
}

const rows: Row[] = [];
for (const name of names) {
  for (const dtype of dtypes) {
    const row = rowOf(name, dtype);
    if (row === undefined) continue;
    rows.push(row);
    console.log(Object.values(row).join("  "));
    // After each one: the full sweep takes minutes for each function.
    if (values["write-docs"]) writeDocs("docs/accuracy.md", [row]);
  }
}
console.log(`\n${formatTable(rows)}`);
