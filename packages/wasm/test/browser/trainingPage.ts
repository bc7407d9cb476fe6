/**
 * A page that trains a network with the whole engine and leaves what it found in `globalThis.report`. Without anything in
 * its address it does what a user's page does, who only imports `cotangent`.
 */
import { createWasmEngine, getEngine, referenceEngine, setEngine, tensor, wasmEngine } from "cotangent";
import { detectFeatures } from "../../src/machine/features.ts";
import { type Training, train, warmUp } from "./training.ts";

export interface TrainingReport extends Training {
  /** The name of the engine that it was computed on. */
  readonly engine: string;
  readonly isolated: boolean;
  readonly processors: number;
  readonly threads: number;
  /** Runs of plans that several threads took part in. */
  readonly parallelRuns: number;
  /** Gradients and products round differently without it. */
  readonly relaxedSimd: boolean | null;
  /** What the first evaluation has thrown. */
  readonly refusal: { readonly name: string; readonly message: string } | null;
}

/** The parts of a browser's window in use. */
interface Page {
  readonly location: { readonly search: string };
  readonly crossOriginIsolated: boolean;
  readonly navigator: { readonly hardwareConcurrency: number };
  report?: Promise<TrainingReport | { readonly failure: string }>;
}

const page = globalThis as unknown as Page;
const options = new URLSearchParams(page.location.search);
page.report = look().catch((error: Error) => ({ failure: `${error.name}: ${error.message}` }));

async function look(): Promise<TrainingReport> {
  let engine = wasmEngine;
  const threads = options.get("threads");
  if (threads !== null) {
    engine = createWasmEngine({ threads: Number(threads), workerUrl: options.get("worker") ?? undefined });
    setEngine(engine);
  }
  const refusal = firstEvaluation();
  if (refusal !== null) setEngine(referenceEngine);
  else await warmUp(() => engine.stats().threads === 1 || engine.stats().parallelRuns > 0);
  const before = engine.stats().parallelRuns;
  const training = await train();
  return {
    ...training,
    engine: getEngine().name,
    isolated: page.crossOriginIsolated,
    processors: page.navigator.hardwareConcurrency,
    threads: engine.stats().threads,
    parallelRuns: engine.stats().parallelRuns - before,
    relaxedSimd: refusal === null ? detectFeatures().relaxedSimd : null,
    refusal,
  };
}

function firstEvaluation(): TrainingReport["refusal"] {
  try {
    tensor([1, 2]).add(1).dataSync();
    return null;
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
}
