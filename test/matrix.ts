import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The engines by the names that COTANGENT_ENGINE may have, and where they are. */
const ENGINES = { reference: "../packages/core", wasm: "../packages/wasm" } as const;

export type EngineName = keyof typeof ENGINES;

/** The engines on which `npm test` runs everything that computes. */
const MATRIX: readonly EngineName[] = ["reference", "wasm"];

/** Those on which the tests run now: the one that COTANGENT_ENGINE names, or all of the matrix. @throws Error for others */
export function chosenEngines(): EngineName[] {
  const asked = process.env.COTANGENT_ENGINE;
  if (asked !== undefined && !(asked in ENGINES)) {
    throw new Error(
      `There is no engine "${asked}": COTANGENT_ENGINE can be ${Object.keys(ENGINES).join(" or ")}.`,
    );
  }
  const names = asked === undefined ? MATRIX : [asked as EngineName];
  return names.filter((name) => {
    const there = existsSync(fileURLToPath(new URL(`${ENGINES[name]}/src/index.ts`, import.meta.url)));
    if (!there)
      console.warn(`The tests on the engine "${name}" are skipped: there is no @cotangent/${name}.`);
    return there;
  });
}
