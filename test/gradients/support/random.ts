import { Random as Numbers } from "../../../packages/gradcheck/src/numeric/random.ts";

/** Reproducible numbers for tests: each draw depends on the seed and on the draws before it. */
export interface Random {
  /** In [0, 1). */
  unit(): number;
  /** In [low, high). */
  between(low: number, high: number): number;
  /** A whole number from low to high, both included. */
  whole(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** -1 or 1. */
  sign(): number;
}

/** Numbers from a seed. */
export function randomFrom(seed: number): Random {
  const numbers = new Numbers(seed);
  const unit = (): number => numbers.unit();
  const between = (low: number, high: number): number => numbers.between(low, high);
  return {
    unit,
    between,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    chance: (probability) => unit() < probability,
    sign: () => (unit() < 0.5 ? -1 : 1),
  };
}

/** A whole number for a text, the same every time (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
