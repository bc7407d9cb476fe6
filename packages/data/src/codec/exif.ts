import { emptyLike, type PixelArray, type Pixels } from "../pixels/pixels.ts";
import { viewOf } from "./reader.ts";

/** How the stored rows and columns lie in the picture: EXIF 2.32, tag 274. 1 is upright. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 0x0112;

/**
 * The orientation in a TIFF structure as EXIF holds it (from its byte order mark on); 1 when there is none or when the
 * structure is damaged, as every viewer has it.
 */
export function exifOrientation(tiff: Uint8Array): Orientation {
  if (tiff.length < 14) return 1;
  const view = viewOf(tiff);
  const mark = view.getUint16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) return 1;
  const little = mark === 0x4949;
  const directory = view.getUint32(4, little);
  if (view.getUint16(2, little) !== 42 || directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > tiff.length) return 1;
    if (view.getUint16(at, little) !== ORIENTATION_TAG) continue;
    const isShort = view.getUint16(at + 2, little) === 3;
    const value = view.getUint16(at + 8, little);
    return isShort && value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** True when the orientation exchanges width and height. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5;
}

/** For each orientation: are the sides exchanged, and is the stored picture then read from the right, from the bottom? */
const READ: Readonly<Record<Orientation, { swap: boolean; fromRight: boolean; fromBottom: boolean }>> = {
  1: { swap: false, fromRight: false, fromBottom: false },
  2: { swap: false, fromRight: true, fromBottom: false },
  3: { swap: false, fromRight: true, fromBottom: true },
  4: { swap: false, fromRight: false, fromBottom: true },
  5: { swap: true, fromRight: false, fromBottom: false },
  6: { swap: true, fromRight: false, fromBottom: true },
  7: { swap: true, fromRight: true, fromBottom: true },
  8: { swap: true, fromRight: true, fromBottom: false },
};

/** The picture upright, from its pixels as stored. */
export function applyOrientation<A extends PixelArray>(
  image: Pixels<A>,
  orientation: Orientation,
): Pixels<A> {
  if (orientation === 1) return image;
  const { swap, fromRight, fromBottom } = READ[orientation];
  const { data, width, height, channels } = image;
  const [outWidth, outHeight] = swap ? [height, width] : [width, height];
  const out = emptyLike(data, data.length);
  let to = 0;
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const [u, v] = swap ? [y, x] : [x, y];
      const column = fromRight ? width - 1 - u : u;
      const row = fromBottom ? height - 1 - v : v;
      const from = (row * width + column) * channels;
      for (let c = 0; c < channels; c++) out[to++] = data[from + c] as number;
    }
  }
  return { data: out, width: outWidth, height: outHeight, channels };
}
