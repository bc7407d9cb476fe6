import type { Shape } from "../shape.ts";

/** A tuple as long as a digit says. */
type Ones = {
  "0": [];
  "1": [1];
  "2": [1, 1];
  "3": [1, 1, 1];
  "4": [1, 1, 1, 1];
  "5": [1, 1, 1, 1, 1];
  "6": [1, 1, 1, 1, 1, 1];
  "7": [1, 1, 1, 1, 1, 1, 1];
  "8": [1, 1, 1, 1, 1, 1, 1, 1];
  "9": [1, 1, 1, 1, 1, 1, 1, 1, 1];
};
type Digit = keyof Ones;

/** T as often as a digit says. */
type Repeat<T extends 1[]> = {
  "0": [];
  "1": T;
  "2": [...T, ...T];
  "3": [...T, ...T, ...T];
  "4": [...T, ...T, ...T, ...T];
  "5": [...T, ...T, ...T, ...T, ...T];
  "6": [...T, ...T, ...T, ...T, ...T, ...T];
  "7": [...T, ...T, ...T, ...T, ...T, ...T, ...T];
  "8": [...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T];
  "9": [...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T];
};

/** a * b + c + d, at most 99, as [tens, ones]. */
type Step<
  A extends Digit,
  B extends Digit,
  C extends Digit,
  D extends Digit,
> = Split<`${[...Repeat<Ones[A]>[B], ...Ones[C], ...Ones[D]]["length"] & number}`>;
type Split<N extends string> = N extends `${infer T extends Digit}${infer O extends Digit}`
  ? [T, O]
  : ["0", N & Digit];

/** Digits from the last to the first: `Digits<"120">` is `["0", "2", "1"]`. */
type Digits<N extends string, Out extends Digit[] = []> = N extends `${infer D extends Digit}${infer Rest}`
  ? Digits<Rest, [D, ...Out]>
  : Out;

type Written<N extends Digit[], Out extends string = ""> = N extends [
  infer D extends Digit,
  ...infer Rest extends Digit[],
]
  ? Written<Rest, `${D}${Out}`>
  : Out;

/** N * B + Plus, digit by digit. */
type Row<
  N extends Digit[],
  B extends Digit,
  Plus extends Digit[],
  Carry extends Digit,
  Out extends Digit[],
> = N extends [infer A extends Digit, ...infer Rest extends Digit[]]
  ? Plus extends [infer P extends Digit, ...infer More extends Digit[]]
    ? Next<Rest, B, More, Step<A, B, P, Carry>, Out>
    : Next<Rest, B, [], Step<A, B, "0", Carry>, Out>
  : Plus extends [infer P extends Digit, ...infer More extends Digit[]]
    ? Next<[], B, More, Step<"0", "0", P, Carry>, Out>
    : Carry extends "0"
      ? Out
      : [...Out, Carry];
type Next<N extends Digit[], B extends Digit, Plus extends Digit[], S, Out extends Digit[]> = S extends [
  infer T extends Digit,
  infer O extends Digit,
]
  ? Row<N, B, Plus, T, [...Out, O]>
  : never;

/** The product of two numbers as on paper, a row for each digit of the second. */
type Long<N extends Digit[], M extends Digit[], Sum extends Digit[], Done extends Digit[]> = M extends [
  infer B extends Digit,
  ...infer Rest extends Digit[],
]
  ? Row<N, B, Sum, "0", []> extends [infer First extends Digit, ...infer Higher extends Digit[]]
    ? Long<N, Rest, Higher, [...Done, First]>
    : never
  : [...Done, ...Sum];

type Trimmed<N extends string> = N extends `0${infer Rest}` ? (Rest extends "" ? "0" : Trimmed<Rest>) : N;

type Times<A extends string, B extends string> = A extends "1"
  ? B
  : B extends "1"
    ? A
    : Trimmed<Written<Long<Digits<A>, Digits<B>, [], []>>>;

/** The number of elements, `number` where a size is not known: `Count<readonly [2, 3]>` is 6. */
export type Count<S extends Shape> = number extends S["length"] | S[number]
  ? number
  : Product<S> extends `${infer N extends number}`
    ? N
    : number;

/** The number of elements in decimal digits: `Product<readonly [784, 128]>` is `"100352"`. All sizes are known. */
export type Product<S extends Shape, Out extends string = "1"> = S extends readonly [
  infer H extends number,
  ...infer Rest extends Shape,
]
  ? Product<Rest, Times<Out, `${H}`>>
  : Out;
