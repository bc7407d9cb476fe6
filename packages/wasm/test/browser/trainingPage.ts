/**
 * A page that trains a network with the whole engine and leaves what it found in `globalThis.report`. Without anything in
 * its address it does what a user's page does, who only imports `cotangent`.
 */
import {
  createWasmEngine,
  getEngine,
  referenceEngine,
  setEngine,
  tensor,
  type WasmEngine,
  wasmEngine,
} from "cotangent";
import { detectFeatures } from "../../src/machine/features.ts";
import { type Training, train } from "./training.ts";

export interface TrainingReport extends Training {
  /** The name of the engine that it was computed on. */
  readonly engine: string;
  readonly isolated: boolean;
  readonly processors: number;
  readonly threads: number;
  /** Runs of the training's plans that several threads took part in. */
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
  return {
    ...(await trainTogether(engine)),
    engine: getEngine().name,
    isolated: page.crossOriginIsolated,
    processors: page.navigator.hardwareConcurrency,
    threads: engine.stats().threads,
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

/** Trains anew until all threads that come have come: the first steps do not wait for them. */
async function trainTogether(engine: WasmEngine): Promise<Training & { readonly parallelRuns: number }> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const before = engine.stats().parallelRuns;
    const training = await train();
    const { threads, parallelRuns } = engine.stats();
    if (threads <= 1 || parallelRuns > before || performance.now() > deadline)
      return { ...training, parallelRuns: parallelRuns - before };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
