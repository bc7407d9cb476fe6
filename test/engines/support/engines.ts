import { type Engine, referenceEngine } from "@cotangent/core";
import { chosenEngines } from "../../matrix.ts";
import { standIn } from "./standIn.ts";

/** An engine by its name. */
export const engineNamed = async (name: string): Promise<Engine> =>
  name === "wasm" ? (await import("@cotangent/wasm")).wasmEngine : referenceEngine;

/** The engines that are compared with the reference engine; where there is none, a stand-in that is right. */
export async function enginesUnderTest(): Promise<Engine[]> {
  const names = chosenEngines().filter((name) => name !== "reference");
  return names.length === 0 ? [standIn("stand-in")] : Promise.all(names.map(engineNamed));
}
