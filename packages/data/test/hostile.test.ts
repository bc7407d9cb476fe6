import { FormatError } from "@cotangent/core";
import { fc, test as property } from "@fast-check/vitest";
import { zlibSync } from "fflate";
import { describe, expect, test } from "vitest";
import { crc32 } from "../src/codec/crc32.ts";
import { decodeImage, decodePixels, decodePixelsSync } from "../src/index.ts";
import { errorOf, fixture, shapeOf } from "./helpers.ts";

const decoders = ["portable", "sharp"] as const;

/** A PNG file of the given chunks, with right checksums. */
function png(...chunks: readonly (readonly [type: string, body: Uint8Array])[]): Uint8Array {
  const parts = chunks.map(([type, body]) => {
    const bytes = Buffer.alloc(12 + body.length);
    bytes.writeUInt32BE(body.length, 0);
    bytes.write(type, 4, "latin1");
    bytes.set(body, 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + body.length)), 8 + body.length);
    return bytes;
  });
  return new Uint8Array(Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), ...parts]));
}

function header(
  width: number,
  height: number,
  rest: readonly number[] = [8, 0, 0, 0, 0],
): readonly [string, Uint8Array] {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body.set(rest, 8);
  return ["IHDR", body];
}

const end = ["IEND", new Uint8Array(0)] as const;
const data = (bytes: Uint8Array) => ["IDAT", zlibSync(bytes)] as const;

/** A JPEG file whose frame header claims another size. */
function resized(width: number, height: number): Uint8Array {
  const bytes = fixture("baseline-444.jpg");
  const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
  new DataView(bytes.buffer).setUint16(at + 5, height);
  new DataView(bytes.buffer).setUint16(at + 7, width);
  return bytes;
}

const hostile: Record<string, readonly [bytes: Uint8Array, message: RegExp]> = {
  "an empty file": [new Uint8Array(0), /the file is empty/],
  text: [new TextEncoder().encode("not an image"), /neither PNG nor JPEG/],
  "a GIF": [new TextEncoder().encode("GIF89a......"), /this is a GIF file.*Convert it/],
  "a PNG signature alone": [fixture("rgb.png").slice(0, 8), /cut short/],
  "a PNG without its end": [fixture("rgb.png").slice(0, -12), /cut short/],
  "half a PNG": [fixture("rgb.png").slice(0, 500), /more than are left/],
  "a PNG with bytes after its end": [Uint8Array.from([...fixture("rgb.png"), 1, 2, 3]), /3 bytes follow/],
  "a PNG of no width": [png(header(0, 5), data(new Uint8Array(5)), end), /size of 0 x 5/],
  "a PNG that is too large": [
    png(header(9000, 9000), data(new Uint8Array(5)), end),
    /9000 x 9000 pixels, more than the limit/,
  ],
  "a PNG with less data than pixels": [
    png(header(4, 4), data(new Uint8Array(12)), end),
    /hold 12 bytes where the image takes 20/,
  ],
  "a PNG with more data than pixels": [
    png(header(4, 4), data(new Uint8Array(21)), end),
    /more than the 20 bytes/,
  ],
  "a PNG that claims what it cannot hold": [
    png(header(7000, 7000), data(new Uint8Array(9)), end),
    /cannot hold/,
  ],
  "a bomb": [png(header(40, 40), data(new Uint8Array(50_000_000)), end), /more than the 1640 bytes/],
  "a PNG of an unknown depth": [
    png(header(1, 1, [3, 0, 0, 0, 0]), data(new Uint8Array(2)), end),
    /3 bits does not exist/,
  ],
  "a PNG without a palette": [png(header(1, 1, [8, 3, 0, 0, 0]), data(new Uint8Array(2)), end), /no palette/],
  "a PNG with a colour outside its palette": [
    png(header(1, 1, [8, 3, 0, 0, 0]), ["PLTE", new Uint8Array(6)], data(Uint8Array.of(0, 2)), end),
    /colour 2 of a palette of 2/,
  ],
  "a PNG with an unknown filter": [png(header(1, 1), data(Uint8Array.of(9, 2)), end), /unknown filter 9/],
  "a PNG with an unknown critical chunk": [
    png(header(1, 1), ["EVIL", new Uint8Array(0)], end),
    /unknown critical chunk/,
  ],
  "a JPEG start alone": [fixture("grey.jpg").slice(0, 3), /cut short/],
  "half a JPEG": [fixture("baseline-420.jpg").slice(0, 800), /cut short/],
  "half a progressive JPEG": [fixture("progressive-420.jpg").slice(0, 640), /cut short/],
  "a JPEG of no height": [resized(37, 0), /size of 37 x 0/],
  "a JPEG that is too large": [resized(65535, 65535), /more than the limit of 64000000/],
  "a JPEG that claims what it cannot hold": [resized(7000, 7000), /bytes cannot hold the 7000 x 7000 pixels/],
  "a JPEG that claims somewhat more than it holds": [resized(37, 80), /cut short or damaged/],
};

describe("hostile files are FormatErrors with the file's name", () => {
  test.each(Object.keys(hostile))("%s", async (kind) => {
    const [bytes, message] = hostile[kind] as (typeof hostile)[string];
    const error = await errorOf(() => decodeImage(bytes, { name: "photos/cat.png", decoder: "portable" }));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/^decodeImage: photos\/cat\.png: /);
    expect(error.message).toMatch(message);
    expect((error as FormatError).file).toBe("photos/cat.png");
  });

  test.each(Object.keys(hostile).filter((kind) => !kind.includes("somewhat more") && !kind.includes("half")))(
    "%s, with sharp",
    async (kind) => {
      const [bytes] = hostile[kind] as (typeof hostile)[string];
      const outcome = await decodeImage(bytes, { name: "cat.png", decoder: "sharp" }).catch(
        (error: unknown) => error,
      );
      // Where sharp is lenient (less or more data than pixels) it may decode; it never throws anything else.
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(FormatError);
        expect(outcome.message).toMatch(/^decodeImage: cat\.png: /);
      } else {
        expect(kind).toMatch(/more data|less data|palette|filter|claims|bomb/);
      }
    },
  );

  test.each(["half a JPEG", "half a progressive JPEG", "half a PNG"])("%s, with sharp", async (kind) => {
    const [bytes] = hostile[kind] as (typeof hostile)[string];
    expect(await errorOf(() => decodeImage(bytes, { decoder: "sharp" }))).toBeInstanceOf(FormatError);
  });
});

test("the limit of pixels can be lowered and raised", async () => {
  const bytes = fixture("rgb.png"); // 37 x 21 = 777 pixels
  expect(shapeOf(await decodePixels(bytes, { maxPixels: 777 }))).toEqual([21, 37, 3]);
  for (const decoder of decoders) {
    const error = await errorOf(() => decodePixels(bytes, { maxPixels: 776, decoder, name: "a.png" }));
    expect(error.message).toBe(
      "decodePixels: a.png: its header claims 37 x 21 pixels, more than the limit of 776. Raise the limit with { maxPixels } if the file can be trusted.",
    );
  }
});

test("a JPEG with bytes after its end is decoded: cameras append previews and films", () => {
  const bytes = fixture("progressive-420.jpg");
  const longer = Uint8Array.from([...bytes, ...bytes.subarray(0, 100)]);
  expect(decodePixelsSync(longer).data).toEqual(decodePixelsSync(bytes).data);
});

const fuzzed = [
  "baseline-420.jpg",
  "progressive-420.jpg",
  "restart-420.jpg",
  "cmyk-progressive.jpg",
  "orientation-6.jpg",
  "palette-alpha.png",
  "grey-16bit.png",
  "orientation-3.png",
].map(fixture);

interface Damage {
  readonly file: number;
  readonly flips: readonly { readonly at: number; readonly value: number }[];
  readonly keep: number;
  readonly repair: boolean;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  file: fc.nat(fuzzed.length - 1),
  flips: fc.array(fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), value: fc.nat(255) }), {
    maxLength: 6,
  }),
  keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  repair: fc.boolean(),
});

function damaged({ file, flips, keep, repair }: Damage): Uint8Array {
  const original = fuzzed[file] as Uint8Array;
  const bytes = original.slice(0, Math.ceil(original.length * keep));
  for (const { at, value } of flips) if (bytes.length > 0) bytes[Math.floor(at * bytes.length)] = value;
  if (repair && bytes[0] === 0x89) repairChecksums(bytes);
  return bytes;
}

/** Makes the checksums of a PNG right again, so that damage gets past them. */
function repairChecksums(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (length > bytes.length - at - 12) return;
    view.setUint32(at + 8 + length, crc32(bytes.subarray(at + 4, at + 8 + length)));
    at += 12 + length;
  }
}

describe("damaged files decode or are FormatErrors, and never hang", () => {
  property.prop([damage], { numRuns: 1500 })("portable decoders", (what) => {
    try {
      const {
        data: samples,
        width,
        height,
        channels,
      } = decodePixelsSync(damaged(what), { name: "x", maxPixels: 1e6 });
      expect(samples.length).toBe(width * height * channels);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  });

  property.prop([damage], { numRuns: 200 })("sharp", async (what) => {
    try {
      const image = await decodePixels(damaged(what), { name: "x", maxPixels: 1e6, decoder: "sharp" });
      expect(image.data.length).toBe(image.width * image.height * image.channels);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  });

  property.prop([fc.uint8Array({ maxLength: 200 }), fc.constantFrom("89504e470d0a1a0a", "ffd8ff", "")])(
    "noise behind a right beginning",
    (noise, magic) => {
      const bytes = new Uint8Array(Buffer.concat([Buffer.from(magic, "hex"), noise]));
      expect(() => decodePixelsSync(bytes)).toThrow(FormatError);
    },
  );
});
