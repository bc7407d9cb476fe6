import type { DType } from "@cotangent/core";
import {
  type Expr,
  type FunctionBuilder,
  f32,
  f64,
  i32,
  i64,
  type Local,
  load,
  type ModuleBuilder,
  op,
  type PlainName,
  select,
} from "../assemble/index.ts";
import { KERNEL } from "../compile/emit/kernel.ts";
import { words } from "./elements.ts";

/** Rows of at most so many elements are sorted by insertion: counting digits would take longer. */
const SHORT_ROW = 32;
/** Rows of at least so many elements get memory for the run of the plan, rather than every thread's for ever. */
const LONG_ROW = 1 << 16;
/** Values of a digit, and the bytes of a table of counters for them. */
const VALUES = 256;
const TABLE = 4 * VALUES;

interface Key {
  /** Keys are unsigned numbers of this type. */
  readonly type: "i32" | "i64";
  readonly bytes: 4 | 8;
  /** Bytes of an element in the operand. */
  readonly stride: number;
  /** Digits that keys can differ in. */
  readonly digits: number;
  /** The key of the element at an address: in the order of the elements, or in the opposite one where `flip` is -1. */
  write(f: FunctionBuilder, address: Expr, flip: Expr): Expr;
}

const integerKey = (stride: number, digits: number, read: (address: Expr) => Expr): Key => ({
  type: "i32",
  bytes: 4,
  stride,
  digits,
  write: (_, address, flip) => op("i32.xor", read(address), flip),
});

const KEYS: Readonly<Record<DType, Key>> = {
  bool: integerKey(1, 1, (address) => load("i32.load8_u", address)),
  uint32: integerKey(4, 4, (address) => load("i32.load", address)),
  int32: integerKey(4, 4, (address) => op("i32.xor", load("i32.load", address), i32(-(2 ** 31)))),
  // The bits of positive numbers are in their order, those of negative ones in the opposite order. Adding 0 makes -0
  // equal to 0; what is NaN gets the greatest key, which no number has.
  float32: {
    type: "i32",
    bytes: 4,
    stride: 4,
    digits: 4,
    write(f, address, flip) {
      const x = f.let(op("f32.add", load("f32.load", address), f32(0)));
      const bits = f.let(op("i32.reinterpret_f32", x));
      const mask = op("i32.or", op("i32.shr_s", bits, i32(31)), i32(-(2 ** 31)));
      const key = op("i32.xor", op("i32.xor", bits, mask), flip);
      return select(op("f32.eq", x, x), key, i32(-1));
    },
  },
  float64: {
    type: "i64",
    bytes: 8,
    stride: 8,
    digits: 8,
    write(f, address, flip) {
      const x = f.let(op("f64.add", load("f64.load", address), f64(0)));
      const bits = f.let(op("i64.reinterpret_f64", x));
      const mask = op("i64.or", op("i64.shr_s", bits, i64(63n)), i64(-(2n ** 63n)));
      const key = op("i64.xor", op("i64.xor", bits, mask), op("i64.extend_i32_s", flip));
      return select(op("f64.eq", x, x), key, i64(-1n));
    },
  },
};

/** The memory that sorting one row takes, and whether each row has its own (else each thread). */
export function sortMemory(dtype: DType, size: number): { bytes: number; shared: boolean } {
  const { bytes, digits } = KEYS[dtype];
  const pairs = 2 * size * (bytes + 4);
  return { bytes: digits * TABLE + 8 * Math.ceil(pairs / 8), shared: size >= LONG_ROW };
}

/** About how many cycles sorting one row takes. */
export const sortCost = (dtype: DType, size: number): number =>
  size <= SHORT_ROW ? size * (10 + size) : size * (8 + 6 * KEYS[dtype].digits) + 1000;

/**
 * `argsort.float32` and its kind: descriptor [source, result, size of the axis, elements behind the axis, -1 for
 * descending or 0, memory or 0 for the thread's scratch, bytes of memory for each row]; a unit is a row. Rows are sorted
 * by the digits of their keys, the lowest first (the least significant digit radix sort of Knuth, "The Art of Computer
 * Programming", volume 3, section 5.2.5), short ones by insertion: both are stable.
 */
export const sortKernels = Object.fromEntries(
  (Object.keys(KEYS) as DType[]).map((dtype) => {
    const name = `argsort.${dtype}`;
    return [name, (module: ModuleBuilder) => addSort(module, name, KEYS[dtype])];
  }),
);

/** The parts of the kernel share these. */
interface Row {
  readonly key: Key;
  /** Where the row's first element is, and the bytes from one to the next. */
  readonly source: Local;
  readonly sourceStep: Expr;
  readonly size: Local;
  readonly flip: Local;
  /** Counters, a table for each digit. */
  readonly counters: Local;
  /** Keys and indices that are read; `toKeys` and `toIndices` are written. */
  readonly fromKeys: Local;
  readonly fromIndices: Local;
  readonly toKeys: Local;
  readonly toIndices: Local;
}

const sum = (x: Expr, y: Expr): Expr => op("i32.add", x, y);
const times = (x: Expr, n: number): Expr => op("i32.mul", x, i32(n));
const keyLoad = (key: Key, address: Expr): Expr =>
  key.type === "i32" ? load("i32.load", address) : load("i64.load", address);
const keyStore = (f: FunctionBuilder, key: Key, address: Expr, value: Expr): void =>
  f.store(key.type === "i32" ? "i32.store" : "i64.store", address, value);

/** `body` for k from 0 to size - 1. */
function count(f: FunctionBuilder, k: Local, size: Expr, body: () => void): void {
  f.set(k, i32(0));
  f.while(
    () => op("i32.lt_u", k, size),
    () => {
      body();
      f.add(k, i32(1));
    },
  );
}

function addSort(module: ModuleBuilder, name: string, key: Key): void {
  module.function(name, KERNEL, (f) => {
    const [descriptor, lo, hi, scratch] = f.params;
    const [source, result, size, inner, flip, memory, bytes] = words(f, descriptor, 7);
    const row: Row = {
      key,
      source: f.local("i32"),
      sourceStep: f.let(times(inner, key.stride)),
      size,
      flip,
      counters: f.local("i32"),
      fromKeys: f.local("i32"),
      fromIndices: f.local("i32"),
      toKeys: f.local("i32"),
      toIndices: f.local("i32"),
    };
    const first = f.local("i32");
    const target = f.local("i32");
    const k = f.local("i32");
    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        f.set(
          first,
          sum(
            op("i32.mul", op("i32.div_u", lo, inner), op("i32.mul", size, inner)),
            op("i32.rem_u", lo, inner),
          ),
        );
        f.set(row.source, sum(source, times(first, key.stride)));
        f.set(row.counters, select(memory, sum(memory, op("i32.mul", lo, bytes)), scratch));
        // Keys first: they are aligned as the counters are.
        f.set(row.fromKeys, sum(row.counters, i32(key.digits * TABLE)));
        f.set(row.toKeys, sum(row.fromKeys, times(size, key.bytes)));
        f.set(row.fromIndices, sum(row.toKeys, times(size, key.bytes)));
        f.set(row.toIndices, sum(row.fromIndices, times(size, 4)));
        f.if(
          op("i32.le_u", size, i32(SHORT_ROW)),
          () => byInsertion(f, row),
          () => byDigits(f, row),
        );
        f.set(target, sum(result, times(first, 4)));
        count(f, k, size, () => {
          f.store("i32.store", target, load("i32.load", sum(row.fromIndices, times(k, 4))));
          f.add(target, times(inner, 4));
        });
        f.add(lo, i32(1));
      },
    );
  });
}

/** Each element in turn goes before those of greater keys. */
function byInsertion(f: FunctionBuilder, row: Row): void {
  const { key, fromKeys, fromIndices } = row;
  const k = f.local("i32");
  const value = f.local(key.type);
  const at = f.local("i32");
  const keyAt = f.local("i32");
  const greater = `${key.type}.gt_u` as PlainName;
  count(f, k, row.size, () => {
    f.set(value, key.write(f, sum(row.source, op("i32.mul", k, row.sourceStep)), row.flip));
    f.set(keyAt, sum(fromKeys, times(k, key.bytes)));
    f.set(at, sum(fromIndices, times(k, 4)));
    f.block((found) => {
      f.loop((again) => {
        f.branchIf(found, op("i32.eq", keyAt, fromKeys));
        const before = sum(keyAt, i32(-key.bytes));
        f.branchIf(found, op("i32.eqz", op(greater, keyLoad(key, before), value)));
        keyStore(f, key, keyAt, keyLoad(key, before));
        f.store("i32.store", at, load("i32.load", sum(at, i32(-4))));
        f.add(keyAt, i32(-key.bytes));
        f.add(at, i32(-4));
        f.branch(again);
      });
    });
    keyStore(f, key, keyAt, value);
    f.store("i32.store", at, k);
  });
}

/** The counter of a key's digit. */
function counterOf(key: Key, table: Expr, value: Expr, digit: number): Expr {
  const shifted =
    key.type === "i32"
      ? op("i32.shr_u", value, i32(8 * digit))
      : op("i32.wrap_i64", op("i64.shr_u", value, i64(BigInt(8 * digit))));
  return sum(table, times(op("i32.and", shifted, i32(VALUES - 1)), 4));
}

/** One pass over the row for each digit in which its keys differ. */
function byDigits(f: FunctionBuilder, row: Row): void {
  const { key, counters, fromKeys, fromIndices, toKeys, toIndices, size } = row;
  const k = f.local("i32");
  const value = f.local(key.type);
  const counter = f.local("i32");
  const place = f.local("i32");
  f.memoryFill(counters, i32(0), i32(key.digits * TABLE));
  count(f, k, size, () => {
    f.set(value, key.write(f, sum(row.source, op("i32.mul", k, row.sourceStep)), row.flip));
    keyStore(f, key, sum(fromKeys, times(k, key.bytes)), value);
    f.store("i32.store", sum(fromIndices, times(k, 4)), k);
    for (let digit = 0; digit < key.digits; digit++) {
      f.set(counter, counterOf(key, sum(counters, i32(digit * TABLE)), value, digit));
      f.store("i32.store", counter, sum(load("i32.load", counter), i32(1)));
    }
  });
  for (let digit = 0; digit < key.digits; digit++) {
    const table = f.let(sum(counters, i32(digit * TABLE)));
    // Where all keys share the digit there is nothing to do.
    const ofFirst = load("i32.load", counterOf(key, table, keyLoad(key, fromKeys), digit));
    f.if(op("i32.ne", ofFirst, size), () => {
      countersToPlaces(f, table, k, place, counter);
      count(f, k, size, () => {
        f.set(value, keyLoad(key, sum(fromKeys, times(k, key.bytes))));
        f.set(counter, counterOf(key, table, value, digit));
        f.set(place, load("i32.load", counter));
        f.store("i32.store", counter, sum(place, i32(1)));
        keyStore(f, key, sum(toKeys, times(place, key.bytes)), value);
        f.store(
          "i32.store",
          sum(toIndices, times(place, 4)),
          load("i32.load", sum(fromIndices, times(k, 4))),
        );
      });
      swap(f, fromKeys, toKeys, k);
      swap(f, fromIndices, toIndices, k);
    });
  }
}

/** Of how many keys have a digit: where the first of them goes. */
function countersToPlaces(f: FunctionBuilder, table: Local, k: Local, total: Local, counter: Local): void {
  const own = f.local("i32");
  f.set(total, i32(0));
  count(f, k, i32(VALUES), () => {
    f.set(counter, sum(table, times(k, 4)));
    f.set(own, load("i32.load", counter));
    f.store("i32.store", counter, total);
    f.add(total, own);
  });
}

function swap(f: FunctionBuilder, a: Local, b: Local, spare: Local): void {
  f.set(spare, a);
  f.set(a, b);
  f.set(b, spare);
}
