import { type Kernel, makeKernel } from "./kernel.ts";
import { arityOf, evaluate, FUNCTIONS } from "./reference.ts";
import { errorFloat32 } from "./ulp.ts";

/** The greatest error that was found, and where. */
export interface Measurement {
  readonly inputs: number;
  readonly error: number;
  readonly at: readonly number[];
  readonly actual: number;
  readonly exact: number;
}

const CHUNK = 2 ** 16;
const PATTERNS = 2 ** 32;

/** Bit patterns to try in any case: zeros, ends of the subnormals, ones, ends of the range, infinities, NaN. */
const SPECIAL = [
  0, 1, 2, 0x7fffff, 0x800000, 0x800001, 0x3effffff, 0x3f000000, 0x3f7fffff, 0x3f800000, 0x3f800001,
  0x40000000, 0x4b000000, 0x4b800001, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff,
];

/** The function of one argument at every `step`-th bit pattern. */
export function measureFloat32(name: string, step: number): Measurement {
  const sweep = new Sweep(name);
  const [bits] = sweep.bits;
  for (let first = 0; first < PATTERNS; first += CHUNK * step) {
    const count = Math.min(CHUNK, Math.ceil((PATTERNS - first) / step));
    for (let i = 0; i < count; i++) bits[i] = first + i * step;
    sweep.run(count);
  }
  const signed = SPECIAL.flatMap((pattern) => [pattern, pattern + 0x80000000]);
  bits.set(signed);
  sweep.run(signed.length);
  return sweep.result();
}

/** The function of several arguments at pairs of random bit patterns, and at all pairs of special ones. */
export function measureFloat32Pairs(name: string, count: number): Measurement {
  const sweep = new Sweep(name);
  const random = randomWords();
  for (let done = 0; done < count; done += CHUNK) {
    for (const bits of sweep.bits) for (let i = 0; i < CHUNK; i++) bits[i] = random();
    // Exponents near that of 1 in every other pair: most results of others are 0, infinite or trivial.
    for (const bits of sweep.bits) {
      for (let i = 0; i < CHUNK; i += 2) bits[i] = ((bits[i] & 0x87ffffff) + 0x3c000000) >>> 0;
    }
    sweep.run(CHUNK);
  }
  const signed = SPECIAL.flatMap((pattern) => [pattern, pattern + 0x80000000]);
  signed.forEach((first, i) => {
    sweep.bits[0].fill(first, i * signed.length, (i + 1) * signed.length);
    sweep.bits[1].set(signed, i * signed.length);
  });
  sweep.run(signed.length ** 2);
  return sweep.result();
}

/** Runs chunk by chunk and keeps the worst. */
class Sweep {
  readonly bits: readonly Uint32Array[];
  private readonly kernel: Kernel;
  private readonly wide: readonly Float64Array[];
  private readonly exact = new Float64Array(CHUNK);
  private inputs = 0;
  private worst: Omit<Measurement, "inputs"> = { error: 0, at: [], actual: 0, exact: 0 };

  constructor(private readonly name: string) {
    const arity = arityOf(name);
    this.kernel = makeKernel(FUNCTIONS.float32[name], "float32", arity, CHUNK);
    this.bits = this.kernel.inputs.map((x) => new Uint32Array(x.buffer, x.byteOffset, CHUNK));
    this.wide = this.kernel.inputs.map(() => new Float64Array(CHUNK));
  }

  run(count: number): void {
    const { inputs, output } = this.kernel;
    this.kernel.run(Math.ceil(count / 4) * 4);
    inputs.forEach((x, i) => {
      this.wide[i].set(x);
    });
    evaluate(this.name, this.wide, this.exact);
    for (let i = 0; i < count; i++) {
      const actual = output[i];
      const exact = this.exact[i];
      // Half an ULP at most; comparing comes first since most results are right.
      if (actual === Math.fround(exact) && actual !== 0) continue;
      const error = errorFloat32(actual, exact);
      if (error > this.worst.error) this.worst = { error, at: inputs.map((x) => x[i]), actual, exact };
    }
    this.inputs += count;
  }

  result(): Measurement {
    return { ...this.worst, error: Math.max(0.5, this.worst.error), inputs: this.inputs };
  }
}

/** Marsaglia's xorshift (2003): the same words each time. */
function randomWords(): () => number {
  let state = 2463534242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
