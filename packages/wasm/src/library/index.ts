import { EngineError } from "@cotangent/core";
import { ModuleBuilder } from "../assemble/index.ts";
import { type Features, type Machine, REPORT } from "../machine/index.ts";
import { controlKernels } from "./control.ts";
import { convKernels } from "./conv/index.ts";
import { cumulativeKernels } from "./cumulative/kernels.ts";
import { foldKernels } from "./fold.ts";
import { gatherKernels } from "./gather.ts";
import { gemmKernels } from "./gemm/index.ts";
import { scatterKernels } from "./scatter.ts";
import { argReductions, fillKernels } from "./small.ts";
import { sortKernels } from "./sort.ts";

/** Writes a kernel, and the functions that it alone calls, into a module. */
export type AddKernel = (module: ModuleBuilder, features: Features) => void;

/** All kernels that are not made for a plan, by name. */
const KERNELS: Readonly<Record<string, AddKernel>> = {
  ...gemmKernels,
  ...convKernels,
  ...foldKernels,
  ...fillKernels,
  ...controlKernels,
  ...argReductions,
  ...cumulativeKernels,
  ...gatherKernels,
  ...scatterKernels,
  ...sortKernels,
};

/** What nearly every program needs is there when an engine is made: a first training step takes 6 ms less. */
const EARLY = ["gemmFloat32"];

/**
 * The library's kernels on a machine. Each is a module of its own, all but the early ones assembled when a plan first needs it:
 * all of them take 25 ms in a fresh process, and most programs need one or two. The bytes are the same in every process.
 */
export class Library {
  private readonly indices = new Map<string, number>();

  constructor(private readonly machine: Pick<Machine, "memoryLimits" | "features" | "add">) {
    for (const name of EARLY) this.index(name);
  }

  /** The index of a kernel in the table. */
  index(name: string): number {
    const known = this.indices.get(name);
    if (known !== undefined) return known;
    const { memoryLimits, features } = this.machine;
    const add = KERNELS[name];
    if (add === undefined) {
      throw new EngineError(`the library has no kernel ${name}`, { operation: "compile", remedy: REPORT });
    }
    const module = new ModuleBuilder(memoryLimits, true);
    add(module, features);
    const index = this.machine.add(module.finish()).get(name) as number;
    this.indices.set(name, index);
    return index;
  }
}
