import { StateError } from "@cotangent/core";

/** A seed: a whole number, or several that are mixed, such as `[seed, epoch]`. */
export type Seed = number | readonly number[];

/** A stream of random numbers that is the same on every machine for the same seed. */
export interface RandomStream {
  /** A number of [0, 1) with 32 random bits. */
  next(): number;
  /** A whole number of [0, limit), each equally likely. */
  below(limit: number): number;
}

/** MurmurHash3's 32-bit finaliser (Appleby 2011): every input bit reaches every output bit. */
function mix32(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const WEYL = 0x9e3779b9; // 2^32 divided by the golden ratio: successive states are far apart

/**
 * A stream from a seed: the generator sfc32 (Doty-Humphrey, PractRand: 128 bits of state) whose state is a hash of the seed.
 * Not for secrets. `StateError` when the seed is not made of whole numbers.
 */
export function randomStream(
  seed: Seed,
  { operation = "randomStream" }: { operation?: string } = {},
): RandomStream {
  let [a, b, c] = seedState(seed, operation);
  let counter = 1;
  const bits = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  return {
    next: () => bits() / 2 ** 32,
    below(limit) {
      const fair = 2 ** 32 - (2 ** 32 % limit); // draws beyond the last whole multiple would favour small numbers
      for (;;) {
        const draw = bits();
        if (draw < fair) return draw % limit;
      }
    },
  };
}

function seedState(seed: Seed, operation: string): [number, number, number] {
  const words = typeof seed === "number" ? [seed] : seed;
  let a = WEYL;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  for (const word of Array.isArray(words) && words.length > 0 ? words : [Number.NaN]) {
    if (!Number.isSafeInteger(word)) {
      throw new StateError(`the seed ${describeValue(seed)} is not a whole number`, {
        operation,
        remedy: "Pass { seed: 1 }, or several numbers as { seed: [1, epoch] }.",
      });
    }
    for (const half of [word >>> 0, Math.floor(word / 2 ** 32) >>> 0]) {
      a = mix32((a + half) ^ c);
      b = mix32(b + a + WEYL);
      c = mix32(c ^ (b + half));
    }
  }
  return [a | 0, b | 0, c | 0];
}

function describeValue(seed: unknown): string {
  return Array.isArray(seed) ? `[${seed.join(", ")}]` : String(seed);
}

/** The numbers 0..length-1 in a random order (Fisher and Yates). */
export function permutation(length: number, stream: RandomStream): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}
