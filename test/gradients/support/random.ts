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

/** Numbers from a seed, by the 32-bit generator "mulberry32" (T. Ettinger, 2017). */
export function randomFrom(seed: number): Random {
  let state = (seed + 0x9e3779b9) | 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + (high - low) * unit();
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
