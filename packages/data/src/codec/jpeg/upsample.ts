/** One plane of samples; only the first `width` of each `stride` belong to the picture. */
export interface SamplePlane {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly stride: number;
}

/** How many samples of the picture lie over one of the plane, and the picture's size. */
export interface Enlargement {
  readonly across: number;
  readonly down: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Enlarges a chroma plane to the picture's size. Doubling is by the triangle filter, three parts of the nearer sample and one
 * of the farther, with libjpeg's alternating rounding, so that results agree with libjpeg (and so sharp, Pillow, browsers);
 * other ratios repeat samples, as there.
 */
export function upsample(plane: SamplePlane, to: Enlargement): SamplePlane {
  const { across, down, width, height } = to;
  if (across === 1 && down === 1) return plane;
  const out = { data: new Uint8ClampedArray(width * height), width, height, stride: width };
  const smooth = plane.width > 2 || across === 1;
  if (smooth && across === 2 && down === 1) doubleAcross(plane, out);
  else if (smooth && across === 1 && down === 2) doubleDown(plane, out);
  else if (smooth && across === 2 && down === 2) doubleBoth(plane, out);
  else repeat(plane, out, to);
  return out;
}

function doubleAcross(plane: SamplePlane, out: SamplePlane): void {
  for (let y = 0; y < out.height; y++) {
    const row = y * plane.stride;
    for (let x = 0; x < out.width; x++) {
      const near = x >> 1;
      const far = clamp(near + (x & 1 ? 1 : -1), plane.width);
      out.data[y * out.stride + x] = (3 * at(plane, row + near) + at(plane, row + far) + 1 + (x & 1)) >> 2;
    }
  }
}

function doubleDown(plane: SamplePlane, out: SamplePlane): void {
  for (let y = 0; y < out.height; y++) {
    const [near, far] = nearAndFarRows(plane, y);
    for (let x = 0; x < out.width; x++) {
      out.data[y * out.stride + x] = (3 * at(plane, near + x) + at(plane, far + x) + 1 + (y & 1)) >> 2;
    }
  }
}

function doubleBoth(plane: SamplePlane, out: SamplePlane): void {
  const column = new Int32Array(plane.width);
  for (let y = 0; y < out.height; y++) {
    const [near, far] = nearAndFarRows(plane, y);
    for (let x = 0; x < plane.width; x++) column[x] = 3 * at(plane, near + x) + at(plane, far + x);
    for (let x = 0; x < out.width; x++) {
      const here = x >> 1;
      const there = clamp(here + (x & 1 ? 1 : -1), plane.width);
      out.data[y * out.stride + x] =
        (3 * (column[here] as number) + (column[there] as number) + 8 - (x & 1)) >> 4;
    }
  }
}

function repeat(plane: SamplePlane, out: SamplePlane, { across, down }: Enlargement): void {
  for (let y = 0; y < out.height; y++) {
    const row = clamp(Math.floor(y / down), plane.height) * plane.stride;
    for (let x = 0; x < out.width; x++) {
      out.data[y * out.stride + x] = at(plane, row + clamp(Math.floor(x / across), plane.width));
    }
  }
}

function nearAndFarRows(plane: SamplePlane, y: number): [number, number] {
  const near = y >> 1;
  return [near * plane.stride, clamp(near + (y & 1 ? 1 : -1), plane.height) * plane.stride];
}

function at(plane: SamplePlane, index: number): number {
  return plane.data[index] as number;
}

function clamp(index: number, size: number): number {
  return Math.min(Math.max(index, 0), size - 1);
}
