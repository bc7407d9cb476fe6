import type { Primitive } from "@cotangent/core";
import { primitive } from "./primitive.ts";

export type Derivative = Primitive["derivative"];
type Elementwise = Extract<Derivative, { kind: "elementwise" }>;
type Linear = Extract<Derivative, { kind: "linear" }>;
type Explicit = Extract<Derivative, { kind: "explicit" }>;
type Rule = Exclude<Elementwise["rules"][number], null>;

/** Runs `body` while a part of a primitive's definition is another one. */
export function replaced<K extends "derivative" | "batch", T>(
  name: string,
  part: K,
  change: (original: Primitive[K]) => Primitive[K],
  body: () => T,
): T {
  const definition: { -readonly [P in keyof Primitive]: Primitive[P] } = primitive(name);
  const original = definition[part];
  definition[part] = change(original);
  try {
    return body();
  } finally {
    definition[part] = original;
  }
}

/** A change to the definition of a primitive that makes it wrong. */
export interface Fault {
  readonly what: string;
  readonly prim: string;
  run<T>(body: () => T): T;
}

/** Another derivative. */
export const derivativeFault = (
  prim: string,
  what: string,
  change: (original: Derivative) => Derivative,
): Fault => ({ prim, what, run: (body) => replaced(prim, "derivative", change, body) });

/** Another batching rule. */
export const batchFault = (
  prim: string,
  what: string,
  change: (original: Primitive["batch"]) => Primitive["batch"],
): Fault => ({ prim, what, run: (body) => replaced(prim, "batch", change, body) });

function expected<K extends Derivative["kind"]>(
  derivative: Derivative,
  kind: K,
): Extract<Derivative, { kind: K }> {
  if (derivative.kind === kind) return derivative as Extract<Derivative, { kind: K }>;
  throw new Error(`expected a derivative that is ${kind}, not ${derivative.kind}`);
}

/** Another rule for operand `k` of an elementwise primitive; null leaves its derivative out. */
export const ruleFault = (
  prim: string,
  what: string,
  k: number,
  change: ((rule: Rule) => Rule) | null,
): Fault =>
  derivativeFault(prim, what, (original) => {
    const { rules } = expected(original, "elementwise");
    const rule = rules[k];
    if (rule === null) throw new Error(`${prim} has no derivative by operand ${k}`);
    return { kind: "elementwise", rules: rules.with(k, change === null ? null : change(rule)) };
  });

/** Another transpose of a linear primitive. */
export const transposeFault = (
  prim: string,
  what: string,
  change: (transpose: Linear["transpose"]) => Linear["transpose"],
): Fault =>
  derivativeFault(prim, what, (original) => {
    const { transpose, mask, adds } = expected(original, "linear");
    return { kind: "linear", mask, adds, transpose: change(transpose) };
  });

/** Another explicit rule. */
export const explicitFault = (
  prim: string,
  what: string,
  change: (original: Explicit) => Omit<Explicit, "kind">,
): Fault =>
  derivativeFault(prim, what, (original) => ({
    kind: "explicit",
    ...change(expected(original, "explicit")),
  }));
