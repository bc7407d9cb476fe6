/** Rotations of the 2x32 variant, four rounds and four rounds in turn. */
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];
const PARITY = 0x1bd11bda;

/**
 * Threefry-2x32 with 20 rounds: the block of counter (count0, count1) under key (key0, key1), into `out`.
 * Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export function threefry2x32(
  key0: number,
  key1: number,
  count0: number,
  count1: number,
  out: Uint32Array,
): void {
  const keys = [key0, key1, key0 ^ key1 ^ PARITY];
  let x0 = (count0 + key0) | 0;
  let x1 = (count1 + key1) | 0;
  for (let group = 0; group < 5; group++) {
    for (const rotation of ROTATIONS[group % 2]) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    }
    x0 = (x0 + keys[(group + 1) % 3]) | 0;
    x1 = (x1 + keys[(group + 2) % 3] + group + 1) | 0;
  }
  out[0] = x0;
  out[1] = x1;
}

/** The key that `split` would put at place `index`. */
export function foldIn(key: ArrayLike<number>, index: number): Uint32Array {
  const out = new Uint32Array(2);
  threefry2x32(key[0], key[1], Math.floor(index / 2 ** 32), index, out);
  return out;
}
