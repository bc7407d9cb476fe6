import { type Expr, type LoadName, load, op, type PlainName } from "../../assemble/index.ts";

/** Bytes of a row of a panel, and of a tile: eight elements of 32 bits, four of 64. */
export const PANEL_BYTES = 32;

/** What a matrix product does with elements of one dtype. */
export interface Element {
  /** In the names of functions: `gemmFloat32`. */
  readonly name: (typeof ELEMENT_NAMES)[number];
  readonly bytes: 4 | 8;
  /** Rows of a register tile. */
  readonly height: number;
  /** The element at an address, in all lanes. */
  splat(address: Expr, offset?: number): Expr;
  /** a * b + c */
  multiplyAdd(a: Expr, b: Expr, c: Expr): Expr;
  add(a: Expr, b: Expr): Expr;
}

/**
 * Rows of a tile of two vectors, so many that the accumulators fill the registers. V8 has 15 vector registers on x64 (it
 * keeps one): 12 accumulators, two vectors of B and one of A. Without fused multiply-add the product takes another one.
 * GFLOP/s in float32 on Node 24, rows of 4, 5, 6: fused 54, 55, 58; multiply and add 42, 43, 28.
 */
const FUSED_HEIGHT = 6;
const HEIGHT = 4;

const floating = (bits: 32 | 64, relaxed: boolean): Element => {
  const shape = bits === 32 ? "f32x4" : "f64x2";
  const splat: LoadName = bits === 32 ? "v128.load32_splat" : "v128.load64_splat";
  const add = (a: Expr, b: Expr): Expr => op(`${shape}.add`, a, b);
  return {
    name: `Float${bits}`,
    bytes: bits === 32 ? 4 : 8,
    height: relaxed ? FUSED_HEIGHT : HEIGHT,
    splat: (address, offset) => load(splat, address, offset),
    multiplyAdd: (a, b, c) =>
      relaxed ? op(`${shape}.relaxed_madd` as PlainName, a, b, c) : add(op(`${shape}.mul`, a, b), c),
    add,
  };
};

const integer: Element = {
  name: "Int32",
  bytes: 4,
  height: HEIGHT,
  splat: (address, offset) => load("v128.load32_splat", address, offset),
  multiplyAdd: (a, b, c) => op("i32x4.add", op("i32x4.mul", a, b), c),
  add: (a, b) => op("i32x4.add", a, b),
};

/** int32 serves uint32 too: modulo 2^32 they are the same. */
export const ELEMENT_NAMES = ["Float32", "Float64", "Int32"] as const;

/** The arithmetic of a dtype. */
export function elementOf(name: Element["name"], relaxed: boolean): Element {
  if (name === "Int32") return integer;
  return floating(name === "Float32" ? 32 : 64, relaxed);
}
