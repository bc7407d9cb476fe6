import { ModuleBuilder } from "../assemble/index.ts";
import { EPILOGUE, emitKernel, KERNEL } from "../compile/emit/kernel.ts";
import type { Layout } from "../compile/emit/layout.ts";
import type { Machine } from "../machine/index.ts";

/** Kernels that no plan uses are kept up to this number. */
const MAX_IDLE = 2048;

interface Entry {
  readonly signature: string;
  readonly index: number;
  users: number;
}

/** The code of kernels, by their signature: plans with equal kernels share it. */
export class KernelCache {
  private readonly entries = new Map<string, Entry>();
  /** Kernels without users, those used longest ago first. */
  private readonly idle = new Set<Entry>();

  constructor(private readonly machine: Machine) {}

  get size(): number {
    return this.entries.size;
  }

  /** Table indices of the kernels; those that are missing are compiled together, as one module. */
  acquire(layouts: readonly Layout[]): number[] {
    const missing = new Map<string, Layout>();
    for (const layout of layouts) {
      if (!this.entries.has(layout.signature)) missing.set(layout.signature, layout);
    }
    if (missing.size > 0) this.compile([...missing.values()]);
    return layouts.map(({ signature }) => {
      const entry = this.entries.get(signature) as Entry;
      entry.users++;
      this.idle.delete(entry);
      return entry.index;
    });
  }

  /** A plan that used these kernels is gone. */
  release(layouts: readonly Layout[]): void {
    for (const { signature } of layouts) {
      const entry = this.entries.get(signature);
      if (entry !== undefined && --entry.users === 0) this.idle.add(entry);
    }
    for (const entry of this.idle) {
      if (this.idle.size <= MAX_IDLE) return;
      this.idle.delete(entry);
      this.entries.delete(entry.signature);
      this.machine.remove([entry.index]);
    }
  }

  private compile(layouts: readonly Layout[]): void {
    const indices = this.machine.add(assembleKernels(this.machine, layouts));
    layouts.forEach(({ signature }, i) => {
      this.entries.set(signature, { signature, index: indices.get(`k${i}`) as number, users: 0 });
    });
  }
}

/** One module with all these kernels, named k0, k1 ... */
export function assembleKernels(
  { memoryLimits }: Pick<Machine, "memoryLimits">,
  layouts: readonly Layout[],
): Uint8Array {
  const module = new ModuleBuilder(memoryLimits);
  layouts.forEach((layout, i) => {
    const signature = layout.kernel.mode === "epilogue" ? EPILOGUE : KERNEL;
    module.function(`k${i}`, signature, (f) => emitKernel(f, layout));
  });
  return module.finish();
}
