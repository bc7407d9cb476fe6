import { i32, load, type ModuleBuilder, op, type PlainName } from "../assemble/index.ts";
import { KERNEL } from "../compile/emit/kernel.ts";
import { ELEMENTS, type Element, words } from "./elements.ts";

/** Bytes that one unit of `fillZero` sets. */
const FILL_UNIT = 4096;

/** `fillZero`: descriptor [address, bytes]; `copyBytes`: descriptor [to, from, bytes]. */
export const fillKernels = { fillZero: addFill, copyBytes: addCopy };

function addFill(module: ModuleBuilder): void {
  module.function("fillZero", KERNEL, (f) => {
    const [descriptor, lo, hi] = f.params;
    const from = f.let(op("i32.mul", lo, i32(FILL_UNIT)));
    const to = f.let(op("i32.mul", hi, i32(FILL_UNIT)));
    const bytes = f.let(load("i32.load", descriptor, 4));
    f.if(op("i32.gt_u", to, bytes), () => f.set(to, bytes));
    f.if(op("i32.le_u", to, from), () => f.return());
    f.memoryFill(op("i32.add", load("i32.load", descriptor), from), i32(0), op("i32.sub", to, from));
  });
}

function addCopy(module: ModuleBuilder): void {
  module.function("copyBytes", KERNEL, (f) => {
    const [descriptor, lo, hi] = f.params;
    const from = f.let(op("i32.mul", lo, i32(FILL_UNIT)));
    const to = f.let(op("i32.mul", hi, i32(FILL_UNIT)));
    const bytes = f.let(load("i32.load", descriptor, 8));
    f.if(op("i32.gt_u", to, bytes), () => f.set(to, bytes));
    f.if(op("i32.le_u", to, from), () => f.return());
    const target = op("i32.add", load("i32.load", descriptor), from);
    const source = op("i32.add", load("i32.load", descriptor, 4), from);
    f.memoryCopy(target, source, op("i32.sub", to, from));
  });
}

/**
 * `argmax.float32` and its kind: descriptor [source, result, size of the axis, elements behind the axis]; a unit is an
 * element of the result. The first extremum counts, the first NaN before all.
 */
export const argReductions = Object.fromEntries(
  Object.entries(ELEMENTS).flatMap(([dtype, element]) =>
    (["max", "min"] as const).map((which) => {
      const name = `arg${which}.${dtype}`;
      return [name, (module: ModuleBuilder) => addArgReduction(module, name, which, element)];
    }),
  ),
);

function addArgReduction(module: ModuleBuilder, name: string, which: "max" | "min", element: Element): void {
  const { scalar: type, bytes, suffix } = element;
  const better = `${type}.${which === "max" ? "gt" : "lt"}${suffix}` as PlainName;
  module.function(name, KERNEL, (f) => {
    const [descriptor, lo, hi] = f.params;
    const [source, result, size, inner] = words(f, descriptor, 4);
    const step = f.let(op("i32.mul", inner, i32(bytes)));
    const best = f.local("i32");
    const champion = f.local(type);
    const value = f.local(type);
    const address = f.local("i32");
    const k = f.local("i32");
    f.while(
      () => op("i32.lt_s", lo, hi),
      () => {
        const row = op("i32.mul", op("i32.div_u", lo, inner), op("i32.mul", size, inner));
        const first = op("i32.add", row, op("i32.rem_u", lo, inner));
        f.set(address, op("i32.add", source, op("i32.mul", first, i32(bytes))));
        f.set(best, i32(0));
        f.set(champion, load(element.load, address));
        f.set(k, i32(1));
        f.while(
          () => op("i32.lt_s", k, size),
          () => {
            f.add(address, step);
            f.set(value, load(element.load, address));
            let wins = op(better, value, champion);
            if (type !== "i32") {
              const unordered = op(`${type}.ne` as PlainName, value, value);
              const wasNumber = op(`${type}.eq` as PlainName, champion, champion);
              wins = op("i32.and", op("i32.or", wins, unordered), wasNumber);
            }
            f.if(wins, () => {
              f.set(best, k);
              f.set(champion, value);
            });
            f.add(k, i32(1));
          },
        );
        f.store("i32.store", op("i32.add", result, op("i32.shl", lo, i32(2))), best);
        f.add(lo, i32(1));
      },
    );
  });
}
