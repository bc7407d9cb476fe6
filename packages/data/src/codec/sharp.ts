import type sharpModule from "sharp";
import type { Pixels } from "../pixels/pixels.ts";
import { cmykToRgb } from "./cmyk.ts";
import type { StoredHeader } from "./header.ts";
import type { Refuse } from "./reader.ts";

type Sharp = typeof sharpModule;

let loading: Promise<Sharp | undefined> | undefined;

/**
 * The package sharp, or undefined where it is not installed or cannot run (browsers, say). Its name is kept out of the import
 * expression so that bundlers leave it alone.
 */
export function loadSharp(): Promise<Sharp | undefined> {
  loading ??= hasNativeModules() ? importSharp("sharp") : Promise.resolve(undefined);
  return loading;
}

async function importSharp(name: string): Promise<Sharp | undefined> {
  try {
    const module: { default: Sharp } = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
    return module.default;
  } catch {
    return undefined; // optional: the portable decoders take over
  }
}

function hasNativeModules(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

/**
 * Decodes with sharp to exactly what the portable decoders give: no colour profile, no orientation, no conversion to RGB except
 * from CMYK and palettes; 16-bit files in a `Uint16Array`.
 */
export async function decodeWithSharp(
  bytes: Uint8Array,
  { sharp, header, refuse }: { sharp: Sharp; header: StoredHeader; refuse: Refuse },
): Promise<Pixels<Uint8Array | Uint16Array>> {
  const { storedWidth: width, storedHeight: height, channels } = header;
  const deep = header.bitDepth === 16;
  const wanted = header.cmyk ? 4 : channels;
  const space = spaceOf(header.cmyk, wanted, deep);
  let data: Uint8Array | Uint16Array;
  let made: number;
  try {
    const { data: raw, info } = await sharp(bytes, {
      failOn: "error",
      limitInputPixels: width * height,
      ignoreIcc: true,
      autoOrient: false,
    })
      .pipelineColourspace(space)
      .toColourspace(space)
      .raw({ depth: deep ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
    made = info.channels;
    data = deep
      ? new Uint16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength))
      : new Uint8Array(raw);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refuse(`it cannot be decoded: ${reason.trim().replaceAll(/\s*\n\s*/g, "; ")}`, { cause });
  }
  if (wanted === 2 && made === 4) [data, made] = [firstAndLastOfFour(data as Uint8Array), 2];
  if (made !== wanted || data.length !== width * height * wanted) {
    throw refuse(
      `sharp made ${data.length} samples where its header promises [${height}, ${width}, ${wanted}]`,
    );
  }
  if (header.cmyk) data = cmykToRgb(data as Uint8Array, { inverted: false });
  return { data, width, height, channels };
}

/** In its 8-bit grey space sharp drops alpha, so grey + alpha comes by way of RGB + alpha. */
function firstAndLastOfFour(data: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: data.length / 2 }, (_, i) => data[(i >> 1) * 4 + (i & 1) * 3] as number);
}

function spaceOf(cmyk: boolean, channels: number, deep: boolean): string {
  if (cmyk) return "cmyk";
  if (deep) return channels <= 2 ? "grey16" : "rgb16";
  return channels === 1 ? "b-w" : "srgb";
}
