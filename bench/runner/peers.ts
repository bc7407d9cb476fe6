import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A peer, and the command that starts it. */
export interface PeerSpec {
  /** For `--peers`. */
  readonly name: string;
  /** For the report. */
  readonly title: string;
  readonly command: readonly string[];
  /** Of the environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The threads that every peer may use. */
export const THREADS = 2;

/** The bundle of Cotangent's peer, made by `bundle.ts`. */
export const cotangentBundle = fileURLToPath(new URL("../dist/cotangent.mjs", import.meta.url));

const file = (path: string) => fileURLToPath(new URL(`../peers/${path}`, import.meta.url));
const node = (path: string, ...args: string[]) => [process.execPath, path, ...args];
const python = (path: string) => [process.env.COTANGENT_PYTHON ?? "python3", "-B", file(`python/${path}`)];

/** All peers, in the order of the report. The first is what the others are compared with. */
export const peers: readonly PeerSpec[] = [
  { name: "cotangent", title: "Cotangent", command: node(cotangentBundle, "compile") },
  { name: "cotangent-loop", title: "Cotangent, plain loop", command: node(cotangentBundle, "loop") },
  { name: "tfjs", title: "tfjs wasm", command: node(file("tfjs.ts")) },
  { name: "jaxjs", title: "jax-js wasm", command: node(file("jaxjs.ts")) },
  { name: "onnxruntime", title: "ONNX Runtime", command: node(file("onnxruntime.ts")) },
  { name: "torch", title: "PyTorch", command: python("torch_peer.py") },
  { name: "jax", title: "JAX", command: python("jax_peer.py") },
  { name: "numpy", title: "NumPy", command: python("numpy_peer.py") },
];

/**
 * The command under the limit on threads: with more processors than threads a peer is bound to the first ones where
 * `taskset` is there to do it; the variables below say the same to those who listen.
 */
export function confined(command: readonly string[]): string[] {
  if (availableParallelism() <= THREADS || process.platform !== "linux" || !onPath("taskset")) {
    return [...command];
  }
  return ["taskset", "--cpu-list", `0-${THREADS - 1}`, ...command];
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** OpenMP (PyTorch), OpenBLAS (NumPy), MKL, and XLA's own (JAX). */
export const threadVariables: Readonly<Record<string, string>> = Object.fromEntries(
  ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"].map((name) => [name, `${THREADS}`]),
);

/** Instruction sets that native peers can be held to. */
export const ISAS = ["avx2"] as const;
export type Isa = (typeof ISAS)[number];

/** What PyTorch (with oneDNN and MKL), JAX and NumPy listen to; ONNX Runtime takes what the processor has. */
export const isaVariables: Readonly<Record<Isa, Readonly<Record<string, string>>>> = {
  avx2: {
    ATEN_CPU_CAPABILITY: "avx2",
    ONEDNN_MAX_CPU_ISA: "AVX2",
    MKL_ENABLE_INSTRUCTIONS: "AVX2",
    XLA_FLAGS: "--xla_cpu_max_isa=AVX2",
    OPENBLAS_CORETYPE: "Haswell",
  },
};
