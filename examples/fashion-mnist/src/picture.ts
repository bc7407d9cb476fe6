// Pictures in the terminal: two rows of pixels in each line of text.

import type { Tensor } from "cotangent";
import { resize, toGrayscale } from "cotangent/data";

/** How a picture is drawn: in 24 shades of grey, or with characters that are more or less dark. */
export type Style = "grey" | "characters";

/** Shades where colours are not to be had: for light text on a dark ground. */
const RAMP = " .:-=+*#%@";

/** Colours on a terminal that has them, characters elsewhere and where NO_COLOR is set. */
export function styleFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Style {
  const plain = !stream.isTTY || env.NO_COLOR || env.TERM === "dumb";
  return plain ? "characters" : "grey";
}

/** An image [height, width, channels] with values from 0 to 1 as lines of text, `width` characters wide. */
export function drawImage(
  image: Tensor,
  { width, style }: { readonly width: number; readonly style: Style },
): string[] {
  const [height = 1, ownWidth = 1] = image.shape;
  const rows = 2 * Math.max(1, Math.round((height * width) / ownWidth / 2));
  const grey = image.shape[2] === 1 ? image : toGrayscale(image);
  const fits = height === rows && ownWidth === width;
  const pixels = (fits ? grey : resize(grey, [rows, width])).dataSync();
  const at = (row: number, column: number): number =>
    Math.min(1, Math.max(0, pixels[row * width + column] ?? 0));
  return Array.from({ length: rows / 2 }, (_, line) => {
    const cells = Array.from({ length: width }, (_, column) =>
      drawCell(at(2 * line, column), at(2 * line + 1, column), style),
    );
    return cells.join("") + (style === "grey" ? "\x1b[0m" : "");
  });
}

/** One pixel above another. */
function drawCell(upper: number, lower: number, style: Style): string {
  if (style === "characters") return RAMP[Math.round(((upper + lower) / 2) * (RAMP.length - 1))] ?? " ";
  return `\x1b[38;5;${greyShade(upper)};48;5;${greyShade(lower)}m▀`;
}

/** The colours 232 to 255 of terminals are shades of grey. */
const greyShade = (value: number): number => 232 + Math.round(value * 23);
