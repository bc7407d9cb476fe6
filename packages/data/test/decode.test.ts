import { FormatError, StateError } from "@cotangent/core";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { type DecodedPixels, decodePixels, decodePixelsSync, readImageHeader } from "../src/index.ts";
import { distance, errorOf, fixture, json, shapeOf } from "./helpers.ts";

interface Expected {
  readonly shape: number[];
  readonly bits: number;
  readonly pixels: string;
}

const expected = json<Record<string, Expected>>("fixtures.json");
const decoders = ["portable", "sharp"] as const;

function expectedPixels({ bits, pixels }: Expected): Uint8Array | Uint16Array {
  const bytes = new Uint8Array(Buffer.from(pixels, "base64"));
  return bits === 16 ? new Uint16Array(bytes.buffer) : bytes;
}

/** Decoders of PNG agree exactly; of JPEG within the rounding of transform and colours. */
function tolerance(name: string): number {
  return name.endsWith(".jpg") ? 2 : 0;
}

describe.each(decoders)("decoder %s", (decoder) => {
  test.each(Object.keys(expected))("reads %s as Pillow does", async (name) => {
    const image = await decodePixels(fixture(name), { decoder, name });
    const wanted = expected[name] as Expected;
    expect(shapeOf(image)).toEqual(wanted.shape);
    expect(distance(image.data, expectedPixels(wanted))).toBeLessThanOrEqual(tolerance(name));
  });

  test("leaves the rows as stored when orientation is not wanted", async () => {
    const stored = await decodePixels(fixture("orientation-6.png"), { decoder, orient: false });
    expect(shapeOf(stored)).toEqual([10, 19, 3]);
    const upright = await decodePixels(fixture("orientation-6.png"), { decoder });
    expect(shapeOf(upright)).toEqual([19, 10, 3]);
  });
});

describe("orientation agrees with sharp's own", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("%i", async (orientation) => {
    const bytes = fixture(`orientation-${orientation}.png`);
    const own = decodePixelsSync(bytes);
    const { data, info } = await sharp(bytes).autoOrient().raw().toBuffer({ resolveWithObject: true });
    expect(shapeOf(own)).toEqual([info.height, info.width, info.channels]);
    expect(distance(own.data, data)).toBe(0);
  });
});

const WIDTH = 67;
const HEIGHT = 45;

/** Slopes, an edge and a pattern, so that every filter and both chroma directions matter. */
function scene(channels: 1 | 2 | 3 | 4): Sharp {
  const data = new Uint8Array(WIDTH * HEIGHT * channels);
  for (let i = 0; i < data.length; i++) {
    const [x, y, c] = [Math.floor(i / channels) % WIDTH, Math.floor(i / channels / WIDTH), i % channels];
    data[i] = [3 * x, 5 * y, x > 30 && y > 20 ? 255 : 20, (x * y) & 255][c] as number;
  }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

function deepScene(channels: 1 | 2 | 3 | 4): Sharp {
  const data = Uint16Array.from(
    { length: WIDTH * HEIGHT * channels },
    (_, i) => Math.imul(i, 2654435761) >>> 16,
  );
  const space = channels < 3 ? "grey16" : "rgb16";
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } }).toColourspace(space);
}

const written: Record<string, () => Sharp> = {
  "baseline 4:4:4 jpeg": () => scene(3).jpeg({ quality: 90, chromaSubsampling: "4:4:4" }),
  "baseline 4:2:0 jpeg": () => scene(3).jpeg({ quality: 90, chromaSubsampling: "4:2:0" }),
  "progressive jpeg": () => scene(3).jpeg({ quality: 80, progressive: true }),
  "progressive jpeg with trellis quantisation": () => scene(3).jpeg({ quality: 60, mozjpeg: true }),
  "grey jpeg": () => scene(1).toColourspace("b-w").jpeg(),
  "cmyk jpeg": () => scene(3).toColourspace("cmyk").jpeg({ quality: 95 }),
  "progressive cmyk jpeg": () => scene(3).toColourspace("cmyk").jpeg({ quality: 95, progressive: true }),
  "rgb png": () => scene(3).png({ adaptiveFiltering: true }),
  "interlaced rgb + alpha png": () => scene(4).png({ progressive: true, adaptiveFiltering: true }),
  "interlaced grey png": () => scene(1).toColourspace("b-w").png({ progressive: true }),
  "grey + alpha png": () => scene(2).toColourspace("b-w").png(),
  "palette png": () => scene(3).png({ palette: true, colours: 16 }),
  "interlaced palette png of two bits": () => scene(3).png({ palette: true, colours: 4, progressive: true }),
  "palette png with alpha": () => scene(4).png({ palette: true, colours: 200 }),
  "16-bit rgb png": () => deepScene(3).png(),
  "16-bit grey png": () => deepScene(1).png({ adaptiveFiltering: true }),
  "16-bit grey + alpha png": () => deepScene(2).png(),
  "interlaced 16-bit rgb + alpha png": () => deepScene(4).png({ progressive: true }),
};

describe("the portable decoders agree with sharp on a", () => {
  test.each(Object.keys(written))("%s", async (kind) => {
    const bytes = new Uint8Array(await (written[kind] as () => Sharp)().toBuffer());
    const [portable, native] = (await Promise.all(
      decoders.map((decoder) => decodePixels(bytes, { decoder })),
    )) as [DecodedPixels, DecodedPixels];
    expect(shapeOf(portable)).toEqual(shapeOf(native));
    expect(portable.data.constructor).toBe(native.data.constructor);
    expect(distance(portable.data, native.data)).toBeLessThanOrEqual(kind.includes("jpeg") ? 2 : 0);
  });

  test.each([
    ["cmyk jpeg without Adobe's marker", () => withoutSegment(fixture("cmyk.jpg"), 0xee)],
    ["jpeg with Adobe's marker for YCCK", () => asYcck(fixture("cmyk-progressive.jpg"))],
    [
      "jpeg with unsampled luma and halved rows of chroma",
      () => withSampling(fixture("baseline-422.jpg"), 0x12),
    ],
  ])("%s", async (_, make) => {
    const bytes = make();
    const [portable, native] = (await Promise.all(
      decoders.map((decoder) => decodePixels(bytes, { decoder })),
    )) as [DecodedPixels, DecodedPixels];
    expect(distance(portable.data, native.data)).toBeLessThanOrEqual(2);
  });
});

function find(bytes: Uint8Array, marker: number): number {
  const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === marker);
  expect(at).toBeGreaterThan(0);
  return at;
}

/** The same coefficients, declared to be YCCK: other colours, but a file as Photoshop writes them. */
function asYcck(bytes: Uint8Array): Uint8Array {
  bytes[find(bytes, 0xee) + 15] = 2;
  return bytes;
}

/** The picture turned into one whose first component has other sampling factors; sizes are exchanged to keep the blocks. */
function withSampling(bytes: Uint8Array, sampling: number): Uint8Array {
  const at = find(bytes, 0xc0);
  const size = bytes.slice(at + 5, at + 9);
  bytes.set([size[2], size[3], size[0], size[1], 3, bytes[at + 10], sampling] as number[], at + 5);
  return bytes;
}

/** The file without its segments of one marker. */
function withoutSegment(bytes: Uint8Array, marker: number): Uint8Array {
  const at = find(bytes, marker);
  const length = 2 + ((bytes[at + 2] as number) << 8) + (bytes[at + 3] as number);
  return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
}

test("headers are read without decoding", () => {
  expect(readImageHeader(fixture("orientation-6.jpg"))).toEqual({
    format: "jpeg",
    width: 10,
    height: 19,
    channels: 3,
    bitDepth: 8,
    orientation: 6,
  });
  expect(readImageHeader(fixture("palette-alpha.png"))).toMatchObject({
    format: "png",
    width: 10,
    height: 13,
    channels: 4,
  });
  expect(readImageHeader(fixture("cmyk.jpg"))).toMatchObject({ channels: 3, orientation: 1 });
});

test("a Buffer, and a view into a larger buffer, are bytes too", async () => {
  const bytes = fixture("rgb.png");
  const padded = new Uint8Array(bytes.length + 20);
  padded.set(bytes, 7);
  const whole = decodePixelsSync(bytes);
  expect(decodePixelsSync(padded.subarray(7, 7 + bytes.length)).data).toEqual(whole.data);
  const fromBuffer = decodePixelsSync(Buffer.from(bytes));
  expect(fromBuffer.data).toEqual(whole.data);
  expect(Buffer.isBuffer(fromBuffer.data)).toBe(false);
});

test("arguments that are no bytes, no decoder and no limit are refused", async () => {
  for (const [act, message] of [
    [() => decodePixels("cat.png" as unknown as Uint8Array), "must be a Uint8Array"],
    [() => decodePixels(fixture("rgb.png"), { decoder: "gpu" as "auto" }), 'no decoder "gpu"'],
    [() => decodePixels(fixture("rgb.png"), { maxPixels: Number.NaN }), "maxPixels is NaN"],
  ] as const) {
    const error = await errorOf(act);
    expect(error).toBeInstanceOf(StateError);
    expect(error).not.toBeInstanceOf(FormatError);
    expect(error.message).toContain(message);
  }
});
