/** Half cosines of k * pi / 16: the orthonormal 8-point transform is made of these (ITU-T T.81, A.3.3). */
const half = (k: number): number => Math.cos((k * Math.PI) / 16) / 2;
const [C1, C2, C3, C4, C5, C6, C7] = [half(1), half(2), half(3), half(4), half(5), half(6), half(7)];

/** One inverse 8-point DCT in place over `v[at], v[at + step], ...`; even and odd coefficients are summed apart. */
function inverse8(v: Float64Array, at: number, step: number): void {
  const i1 = at + step;
  const i2 = i1 + step;
  const i3 = i2 + step;
  const i4 = i3 + step;
  const i5 = i4 + step;
  const i6 = i5 + step;
  const i7 = i6 + step;
  const x1 = v[i1] as number;
  const x2 = v[i2] as number;
  const x3 = v[i3] as number;
  const x5 = v[i5] as number;
  const x6 = v[i6] as number;
  const x7 = v[i7] as number;
  const sum = C4 * ((v[at] as number) + (v[i4] as number));
  const difference = C4 * ((v[at] as number) - (v[i4] as number));
  const outer = C2 * x2 + C6 * x6;
  const inner = C6 * x2 - C2 * x6;
  const o0 = C1 * x1 + C3 * x3 + C5 * x5 + C7 * x7;
  const o1 = C3 * x1 - C7 * x3 - C1 * x5 - C5 * x7;
  const o2 = C5 * x1 - C1 * x3 + C7 * x5 + C3 * x7;
  const o3 = C7 * x1 - C5 * x3 + C3 * x5 - C1 * x7;
  v[at] = sum + outer + o0;
  v[i7] = sum + outer - o0;
  v[i1] = difference + inner + o1;
  v[i6] = difference + inner - o1;
  v[i2] = difference - inner + o2;
  v[i5] = difference - inner - o2;
  v[i3] = sum - outer + o3;
  v[i4] = sum - outer - o3;
}

const scratch = new Float64Array(64);

/** Where a block of samples goes in its plane. */
export interface BlockTarget {
  readonly plane: Uint8ClampedArray;
  readonly at: number;
  readonly stride: number;
}

/** Turns the 64 coefficients at `from` (in rows, not in zigzag order) into samples of 0..255, rounded once at the end. */
export function inverseDct(
  coefficients: Int16Array,
  from: number,
  quant: Uint16Array,
  target: BlockTarget,
): void {
  const { plane, at, stride } = target;
  let last = 0;
  for (let i = 0; i < 64; i++) {
    const value = (coefficients[from + i] as number) * (quant[i] as number);
    scratch[i] = value;
    if (value !== 0) last = i;
  }
  if (last === 0) {
    const flat = (scratch[0] as number) / 8 + 128;
    for (let y = 0; y < 8; y++) plane.fill(flat, at + y * stride, at + y * stride + 8);
    return;
  }
  for (let row = 0; row < 64; row += 8) if (row <= last) inverse8(scratch, row, 1);
  for (let column = 0; column < 8; column++) inverse8(scratch, column, 8);
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) plane[at + y * stride + x] = (scratch[y * 8 + x] as number) + 128;
  }
}
