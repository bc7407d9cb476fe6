import { EngineError } from "@cotangent/core";
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
  if (!wasm.validate(SIMD)) {
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
  return { relaxedSimd: wasm.validate(RELAXED_SIMD), sharedMemory: sharesMemory(wasm) };
}

const unusable = (message: string, remedy: string, cause?: unknown): EngineError =>
  new EngineError(message, { operation: "wasm engine", remedy, cause });

/** Nothing but the signature and version that each module begins with. */
const EMPTY_MODULE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** A module with a function () -> v128 of that code; written out, since to assemble it would take 1 ms of a first run. */
const probe = (...code: number[]): Uint8Array => {
  const body = [0, ...code, 0x0b];
  const [type, functions] = [
    [1, 0x60, 0, 1, 0x7b],
    [1, 0],
  ];
  const section = (id: number, content: readonly number[]) => [id, content.length, ...content];
  return new Uint8Array([
    ...EMPTY_MODULE,
    ...section(1, type),
    ...section(3, functions),
    ...section(10, [1, body.length, ...body]),
  ]);
};

/** A zero, made of a number: i32.const 0, i32x4.splat. */
const ZERO = [0x41, 0, 0xfd, 0x11];
/** f32x4.add */
const SIMD = probe(...ZERO, ...ZERO, 0xfd, 0xe4, 0x01);
/** f32x4.relaxed_madd */
const RELAXED_SIMD = probe(...ZERO, ...ZERO, ...ZERO, 0xfd, 0x85, 0x02);

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
