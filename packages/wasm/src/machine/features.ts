import { EngineError } from "@cotangent/core";
import { f32x4, lane, ModuleBuilder, op } from "../assemble/index.ts";
import { host, type WasmNamespace } from "./host.ts";

/** What the host can do, tried and not guessed from its version. */
export interface Features {
  /** `f32x4.relaxed_madd` and its kind: one rounding where the processor has fused multiply-add. */
  readonly relaxedSimd: boolean;
  /** Memory that several threads share. */
  readonly sharedMemory: boolean;
}

const USE_REFERENCE =
  "setEngine(referenceEngine), both from @cotangent/core, computes the same without it, slowly.";

/**
 * Looks at what the host can do.
 * @throws EngineError without WebAssembly, without SIMD, or where a content policy forbids to compile
 */
export function detectFeatures(): Features {
  const wasm = host().WebAssembly;
  if (wasm === undefined) throw unusable("this host has no WebAssembly", USE_REFERENCE);
  if (!validates(wasm, "f32x4.add")) {
    throw unusable(
      "this host's WebAssembly has no SIMD instructions",
      `Use a newer host (every browser since 2023 has them). ${USE_REFERENCE}`,
    );
  }
  try {
    // Instantiated too: WebKit asks the policy only then.
    new wasm.Instance(new wasm.Module(EMPTY_MODULE), {});
  } catch (cause) {
    throw unusable(
      "this host forbids to compile WebAssembly, most likely by the page's content security policy",
      `Add 'wasm-unsafe-eval' to script-src in the Content-Security-Policy. ${USE_REFERENCE}`,
      cause,
    );
  }
  return { relaxedSimd: validates(wasm, "f32x4.relaxed_madd"), sharedMemory: sharesMemory(wasm) };
}

const unusable = (message: string, remedy: string, cause?: unknown): EngineError =>
  new EngineError(message, { operation: "wasm engine", remedy, cause });

/** Nothing but the signature and version that each module begins with. */
const EMPTY_MODULE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

const NO_MEMORY = { minimumPages: 0, maximumPages: 1, shared: false };

/** Whether a module with that instruction is valid here. */
function validates(wasm: WasmNamespace, name: "f32x4.add" | "f32x4.relaxed_madd"): boolean {
  const module = new ModuleBuilder(NO_MEMORY);
  const operands = name === "f32x4.add" ? 2 : 3;
  module.function("probe", { params: [], results: ["f32"] }, (f) => {
    const one = f32x4(1);
    f.result(lane("f32x4.extract_lane", 0, op(name, ...Array.from({ length: operands }, () => one))));
  });
  return wasm.validate(module.finish());
}

/**
 * Whether other threads can see this memory. Browsers know `WebAssembly.Memory({ shared: true })` on any page, but
 * refuse to hand it to a worker where the page is not cross-origin isolated; they hide SharedArrayBuffer there.
 */
function sharesMemory(wasm: WasmNamespace): boolean {
  const { SharedArrayBuffer: Shared, crossOriginIsolated } = host();
  if (Shared === undefined || crossOriginIsolated === false) return false;
  try {
    const memory = new wasm.Memory({ initial: 1, maximum: 1, shared: true });
    return memory.buffer instanceof Shared;
  } catch {
    return false;
  }
}
