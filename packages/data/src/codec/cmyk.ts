/**
 * CMYK to RGB without a colour profile: red = (255 - C) * (255 - K) / 255, and so on, rounded. (Pillow's formula too. A printer's
 * profile would give duller colours; profiles are not applied to any kind of file here.) `inverted`: 255 means no ink.
 */
export function cmykToRgb(data: Uint8Array, { inverted }: { inverted: boolean }): Uint8Array {
  const out = new Uint8Array((data.length / 4) * 3);
  const flip = inverted ? 0 : 255;
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const light = (data[from + 3] as number) ^ flip;
    for (let c = 0; c < 3; c++) out[to + c] = Math.round((((data[from + c] as number) ^ flip) * light) / 255);
  }
  return out;
}
