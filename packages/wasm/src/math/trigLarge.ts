import {
  type Expr,
  type FunctionBuilder,
  type FunctionRef,
  f64,
  i32,
  i64,
  type Local,
  lane,
  op,
  type Signature,
} from "../assemble/index.ts";
import { type Pair, SCALAR64, twoProduct } from "./doubleDouble.ts";
import { choose, F64 } from "./lanes.ts";
import type { VectorFunction } from "./types.ts";

/**
 * sin, cos and tan of large float64 arguments: the reduction of Payne and Hanek (Radian Reduction for Trigonometric
 * Functions, SIGNUM Newsletter 18, 1983) in integers. Rare, so these are functions of their own.
 */
export type TrigName = "sin" | "cos" | "tan";

/** The bits of 2/pi, 64 in each word, the first word with those before the point; enough for 2^1024. */
const TWO_OVER_PI = [
  0x0000000000000000n,
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
  0xb7246e3a424dd2e0n,
  0x06492eea09d1921cn,
  0xfe1deb1cb129a73en,
  0xe88235f52ebb4484n,
  0xe99c7026b45f7e41n,
  0x3991d639835339f4n,
  0x9c845f8bbdf9283bn,
  0x1ff897ffde05980fn,
  0xef2f118b5a0a6d1fn,
  0x6d367ecf27cb09b7n,
  0x4f463f669e5fea2dn,
  0x7527bac7ebe5f17bn,
  0x3d0739f78a5292ean,
  0x6bfb5fb11f8d5d08n,
  0x56033046fc7b6babn,
];

/** pi/2: the nearest float64, and the rest. */
const HALF_PI = [1.5707963267948966, 6.123233995736766e-17] as const;

const VECTOR: Signature = { params: ["v128"], results: ["v128"] };

/** sin, cos or tan of rest + n pi/2, where the second argument's lowest bits are n. */
export type OfQuadrant = (f: FunctionBuilder, rest: Pair, n: Local) => Expr;

/** The slow path for f64x2 (|x| from 2^-8 on): a call of a function that the module has once. */
export const ofLarge =
  (name: TrigName, ofQuadrant: OfQuadrant): VectorFunction =>
  (f, x) =>
    f.callFor(
      f.helper(`${name}Large`, VECTOR, (own) => writeLarge(own, ofQuadrant)),
      x,
    );

/** `(i: i32) => i64`: a word of 2/pi. Code, so that no memory has to be set up. */
const wordOf = (f: FunctionBuilder): FunctionRef =>
  f.helper("twoOverPiWord", { params: ["i32"], results: ["i64"] }, (f) => {
    const word = f.local("i64");
    // Blocks nested one in the other: entry i of the table leaves i + 1 of them, behind which word i is returned.
    const nest = (labels: Parameters<FunctionBuilder["branchTable"]>[1]): void => {
      if (labels.length === TWO_OVER_PI.length) {
        f.branchTable(f.params[0], [...labels].reverse());
        return;
      }
      f.block((label) => nest([...labels, label]));
      f.return(i64(TWO_OVER_PI[TWO_OVER_PI.length - 1 - labels.length]));
    };
    nest([]);
    f.result(word);
  });

/** `(a, b) => i64`: the upper half of an unsigned product of 128 bits. */
const multiplyHigh = (f: FunctionBuilder): FunctionRef =>
  f.helper("multiplyHigh", { params: ["i64", "i64"], results: ["i64"] }, (f) => {
    const [a, b] = f.params;
    const low = (x: Expr): Expr => op("i64.and", x, i64(0xffffffffn));
    const high = (x: Expr): Expr => op("i64.shr_u", x, i64(32n));
    const mul = (x: Expr, y: Expr): Expr => op("i64.mul", x, y);
    const add = (x: Expr, y: Expr): Expr => op("i64.add", x, y);
    const middle = f.let(add(mul(high(a), low(b)), high(mul(low(a), low(b)))));
    const other = f.let(add(mul(low(a), high(b)), low(middle)));
    f.result(add(add(mul(high(a), high(b)), high(middle)), high(other)));
  });

/**
 * `(x: f64) => f64x2`: x - n pi/2 as a pair, |x| from 2^-8 on, with n modulo 4 in the two lowest bits of the pair's
 * second number, which is good for fewer bits than it has.
 */
const reduction = (f: FunctionBuilder): FunctionRef =>
  f.helper("reduceLarge", { params: ["f64"], results: ["v128"] }, (f) => {
    const [x] = f.params;
    const [word, high64] = [wordOf(f), multiplyHigh(f)];
    const and = (a: Expr, b: Expr): Expr => op("i64.and", a, b);
    const or = (a: Expr, b: Expr): Expr => op("i64.or", a, b);
    const xor = (a: Expr, b: Expr): Expr => op("i64.xor", a, b);
    const add = (a: Expr, b: Expr): Expr => op("i64.add", a, b);
    const sub = (a: Expr, b: Expr): Expr => op("i64.sub", a, b);
    const mul = (a: Expr, b: Expr): Expr => op("i64.mul", a, b);
    const shl = (a: Expr, b: Expr): Expr => op("i64.shl", a, b);
    const shr = (a: Expr, b: Expr): Expr => op("i64.shr_u", a, b);
    const bits = f.let(op("i64.reinterpret_f64", x));
    const negative = f.let(op("i64.shr_s", bits, i64(63n)));
    const significand = f.let(or(and(bits, i64((1n << 52n) - 1n)), i64(1n << 52n)));
    // x = significand 2^e. Bits of 2/pi that weigh 2^(2 - e) or more only add multiples of 4 to the quotient: of the
    // words, the 192 bits from number e - 2 + 64 on are left.
    const start = f.let(sub(and(shr(bits, i64(52n)), i64(0x7ffn)), i64(BigInt(1075 + 2 - 64))));
    const shift = f.let(and(start, i64(63n)));
    const index = f.let(op("i32.wrap_i64", shr(start, i64(6n))));
    const words = [0, 1, 2, 3].map((i) => f.let(f.callFor(word, op("i32.add", index, i32(i)))));
    const joined = (left: Expr, right: Expr, by: Expr): Local =>
      f.let(or(shl(left, by), shr(shr(right, i64(1n)), sub(i64(63n), by))));
    const [first, second, third] = [0, 1, 2].map((i) => joined(words[i], words[i + 1], shift));
    // The quotient modulo 4 in units of 2^-190; of its three words the lowest does not matter.
    const carried = f.callFor(high64, significand, third);
    const product = f.let(mul(significand, second));
    const low = f.let(add(product, carried));
    const carry = op("i64.extend_i32_u", op("i64.lt_u", low, product));
    const high = f.let(add(add(mul(significand, first), f.callFor(high64, significand, second)), carry));
    // Rounded to an integer; the fraction is within half of one, its ones' complement stands for its negative.
    const n = f.let(shr(add(high, i64(1n << 61n)), i64(62n)));
    const fraction = f.let(sub(high, shl(n, i64(62n))));
    const below = f.let(op("i64.shr_s", fraction, i64(63n)));
    const upper = f.let(xor(fraction, below));
    const lower = f.let(xor(low, below));
    // At most 61 bits cancel, so what is left after that has 65 at least.
    const zeros = f.let(op("i64.clz", upper));
    const leading = f.let(joined(upper, lower, zeros));
    const rest = or(shl(leading, i64(53n)), shr(shl(lower, zeros), i64(11n)));
    const a = f.let(op("f64.convert_i64_u", and(leading, i64(~0x7ffn))));
    const b = op("f64.mul", op("f64.convert_i64_u", rest), f64(2 ** -53));
    const exact = twoProduct(f, SCALAR64, a, f.let(f64(HALF_PI[0])));
    const inexact = op("f64.add", op("f64.mul", a, f64(HALF_PI[1])), op("f64.mul", b, f64(HALF_PI[0])));
    const correction = f.let(op("f64.add", exact.low, inexact));
    // 2^(-62 - zeros) with the sign of the result.
    const sign = shl(xor(below, negative), i64(63n));
    const exponent = shl(sub(i64(BigInt(1023 - 62)), zeros), i64(52n));
    const scale = f.let(op("f64.reinterpret_i64", or(exponent, sign)));
    const sum = f.let(op("f64.add", exact.high, correction));
    const remainder = op("f64.add", op("f64.sub", exact.high, sum), correction);
    const scaled = op("i64.reinterpret_f64", op("f64.mul", remainder, scale));
    const quadrant = and(sub(xor(n, negative), negative), i64(3n));
    const marked = op("f64.reinterpret_i64", or(and(scaled, i64(~3n)), quadrant));
    f.result(lane("f64x2.replace_lane", 1, op("f64x2.splat", op("f64.mul", sum, scale)), marked));
  });

/** `(x: f64x2) => f64x2` */
function writeLarge(f: FunctionBuilder, ofQuadrant: OfQuadrant): void {
  const [x] = f.params;
  const reduce = reduction(f);
  const pairs = [0, 1].map((i) => f.let(f.callFor(reduce, lane("f64x2.extract_lane", i, x))));
  const gather = (i: number): Local => {
    const [a, b] = pairs.map((pair) => lane("f64x2.extract_lane", i, pair));
    return f.let(lane("f64x2.replace_lane", 1, op("f64x2.splat", a), b));
  };
  const rest = { high: gather(0), low: gather(1) };
  const value = ofQuadrant(f, rest, rest.low);
  // Infinite or NaN: NaN.
  const finite = F64.lt(F64.abs(x), F64.constant(f, Number.POSITIVE_INFINITY));
  f.result(choose(finite, value, F64.sub(x, x)));
}
