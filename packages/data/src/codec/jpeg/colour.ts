import { cmykToRgb } from "../cmyk.ts";
import type { ColourHints, Frame } from "./segments.ts";
import type { SamplePlane } from "./upsample.ts";

/** What the planes of a file mean. */
export type ColourModel = "grey" | "rgb" | "ycc" | "cmyk" | "ycck";

/** The colour model, found as libjpeg does: JFIF, then Adobe's marker, then the components' numbers. */
export function colourModel(frame: Frame, { jfif, adobe }: ColourHints): ColourModel {
  if (frame.components.length === 1) return "grey";
  if (frame.components.length === 4) return adobe === 2 ? "ycck" : "cmyk";
  if (jfif) return "ycc";
  if (adobe !== undefined) return adobe === 0 ? "rgb" : "ycc";
  const letters = String.fromCharCode(...frame.components.map(({ id }) => id));
  return letters === "RGB" ? "rgb" : "ycc";
}

/**
 * Weaves full-size planes into pixels: 1 channel for grey, else RGB. CMYK is taken to be stored with 255 for no ink, as Adobe
 * writes it and as Pillow and libvips read it, with Adobe's marker or without.
 */
export function weave(
  planes: readonly SamplePlane[],
  options: { model: ColourModel; width: number; height: number },
): Uint8Array {
  const { model, width, height } = options;
  const stored = planes.length;
  const out = new Uint8ClampedArray(width * height * stored);
  planes.forEach(({ data, stride }, c) => {
    for (let y = 0, to = c; y < height; y++) {
      for (let x = 0; x < width; x++, to += stored) out[to] = data[y * stride + x] as number;
    }
  });
  if (model === "ycc" || model === "ycck") fromYcc(out, stored);
  const bytes = new Uint8Array(out.buffer);
  if (stored !== 4) return bytes;
  // YCCK holds 255 - CMY as its "RGB": turned over here, so that both kinds are CMYK as stored.
  if (model === "ycck")
    for (let i = 0; i < bytes.length; i += 4)
      for (let c = i; c < i + 3; c++) bytes[c] = ~(bytes[c] as number);
  return cmykToRgb(bytes, { inverted: true });
}

/** JFIF 1.02: ITU-R BT.601 luma and scaled colour differences, full range. In place on the first three channels. */
function fromYcc(data: Uint8ClampedArray, channels: number): void {
  for (let i = 0; i < data.length; i += channels) {
    const y = data[i] as number;
    const cb = (data[i + 1] as number) - 128;
    const cr = (data[i + 2] as number) - 128;
    data[i] = y + Math.round(1.402 * cr);
    data[i + 1] = y - Math.round(0.344136286 * cb + 0.714136286 * cr);
    data[i + 2] = y + Math.round(1.772 * cb);
  }
}
