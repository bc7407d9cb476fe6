import { i32, type ModuleBuilder, op } from "../../assemble/index.ts";
import { KERNEL } from "../../compile/emit/kernel.ts";
import { ELEMENT_NAMES, type Element, elementOf, PANEL_BYTES } from "./element.ts";
import { addStrip, Mode } from "./strip.ts";

/** k of the bare kernel's operands. */
const LENGTH = 256;
/** Panels that it goes through in a call of a strip: always the same one, which stays in the first-level cache. */
const PANELS = 16;

/** Bytes that it needs: A, a panel of B and the rows of C. */
export const BARE_BYTES = 1 << 15;

/**
 * For benchmarks: `bareFloat32` and its kind are kernels whose unit is one call of the highest strip, with operands that lie packed
 * at the descriptor's address in the first-level cache. What they reach is what a product can reach at most.
 */
export function addBareKernels(module: ModuleBuilder, { relaxed }: { readonly relaxed: boolean }): void {
  for (const name of ELEMENT_NAMES) {
    const element = elementOf(name, relaxed);
    const { height, bytes } = element;
    const strip = addStrip(module, element, height);
    module.function(`bare${name}`, KERNEL, (f) => {
      const [a, lo, hi] = f.params;
      const b = op("i32.add", a, i32(height * bytes * LENGTH));
      const c = op("i32.add", a, i32(height * bytes * LENGTH + PANEL_BYTES * LENGTH));
      f.while(
        () => op("i32.lt_u", lo, hi),
        () => {
          const left = [a, i32(bytes), i32(height * bytes)];
          const right = [b, i32(PANEL_BYTES), i32(0), i32(PANELS), i32(LENGTH)];
          f.call(strip, ...left, ...right, c, i32(PANELS * PANEL_BYTES), i32(Mode.store));
          f.add(lo, i32(1));
        },
      );
    });
  }
}

/** Multiplications, each with an addition, in one unit of a bare kernel. */
export function bareOperations(name: Element["name"], relaxed: boolean): number {
  const { height, bytes } = elementOf(name, relaxed);
  return height * (PANEL_BYTES / bytes) * PANELS * LENGTH;
}
