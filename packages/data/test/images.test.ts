import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FormatError, ShapeError, StateError, type Tensor, tensor } from "@cotangent/core";
import { fc, test as property } from "@fast-check/vitest";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  decodeImage,
  decodeImageSync,
  decodePixelsSync,
  encodeIdx,
  encodePng,
  loadIdx,
  loadImage,
  pixels,
  pixelsToTensor,
  savePng,
} from "../src/index.ts";
import { distance, errorOf, fixture, numbers } from "./helpers.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "cotangent-images-"));
});
afterAll(() => rm(dir, { recursive: true }));

describe("decodeImage", () => {
  test("makes float32 tensors of 0..255 with the channels of the file", async () => {
    const x = await decodeImage(fixture("grey-alpha.png"));
    expect(x.shape).toEqual([13, 10, 2]);
    expect(x.dtype).toBe("float32");
    expect(numbers(x)).toEqual(Array.from(decodePixelsSync(fixture("grey-alpha.png")).data));
  });

  test("divides 16-bit samples by 257", () => {
    const deep = decodePixelsSync(fixture("grey-16bit.png"));
    const x = decodeImageSync(fixture("grey-16bit.png"));
    expect(numbers(x)).toEqual(Array.from(deep.data, (sample) => Math.fround(sample / 257)));
  });

  test("brings files to one kind of colour", async () => {
    for (const name of [
      "grey-16bit.png",
      "grey-alpha.png",
      "rgba.png",
      "palette-4bit.png",
      "cmyk.jpg",
      "grey-1bit.png",
    ]) {
      expect((await decodeImage(fixture(name), { color: "rgb" })).shape[2]).toBe(3);
      expect((await decodeImage(fixture(name), { color: "grayscale" })).shape[2]).toBe(1);
    }
  });

  test("composites transparency on a background", async () => {
    const dropped = await decodeImage(fixture("rgba.png"), { color: "rgb" });
    const white = await decodeImage(fixture("rgba.png"), { color: "rgb", background: 255 });
    expect(numbers(dropped).slice(0, 3)).toEqual([0, 0, numbers(dropped)[2]]);
    expect(numbers(white).slice(0, 3)).toEqual([255, 255, 255]); // the first pixel is fully transparent
  });

  test("refuses colours that it does not know", async () => {
    const error = await errorOf(() => decodeImage(fixture("rgb.png"), { color: "cmyk" as "rgb" }));
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toBe('decodeImage: color is "cmyk". Choose one of "file", "grayscale", "rgb".');
  });
});

describe("files", () => {
  test("images are loaded, and named in errors", async () => {
    const path = join(dir, "photo.jpg");
    await writeFile(path, fixture("progressive-420.jpg"));
    expect((await loadImage(path)).shape).toEqual([21, 37, 3]);
    await writeFile(path, fixture("progressive-420.jpg").slice(0, 300));
    const error = await errorOf(() => loadImage(path));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(`loadImage: ${path}: `);
  });

  test("missing files, folders and empty paths are said to be so", async () => {
    const missing = await errorOf(() => loadImage(join(dir, "none.png")));
    expect(missing).toBeInstanceOf(FormatError);
    expect(missing.message).toMatch(
      /^loadImage: .*none\.png cannot be read: there is no such file or folder/,
    );
    expect((missing as FormatError).file).toBe(join(dir, "none.png"));
    expect((await errorOf(() => loadIdx(dir))).message).toMatch(/^loadIdx: .* cannot be read: /);
    expect(await errorOf(() => loadImage(""))).toBeInstanceOf(StateError);
    expect(await errorOf(() => loadImage(fixture("rgb.png") as unknown as string))).toBeInstanceOf(
      StateError,
    );
  });

  test("IDX files are loaded, plain and compressed", async () => {
    const bytes = encodeIdx({ type: "uint8", shape: [2, 3], data: [1, 2, 3, 4, 5, 6] });
    await writeFile(join(dir, "a-idx2-ubyte"), bytes);
    await writeFile(join(dir, "b.gz"), gzipSync(bytes));
    for (const name of ["a-idx2-ubyte", "b.gz"]) {
      const x = await loadIdx(join(dir, name), { dtype: "float32" });
      expect([x.shape, x.dtype, numbers(x)]).toEqual([[2, 3], "float32", [1, 2, 3, 4, 5, 6]]);
    }
    await writeFile(join(dir, "c.gz"), gzipSync(bytes.subarray(0, 14)));
    expect((await errorOf(() => loadIdx(join(dir, "c.gz")))).message).toContain(
      `loadIdx: ${join(dir, "c.gz")}: its header [2, 3]`,
    );
  });

  test("images are saved", async () => {
    const x = await decodeImage(fixture("rgb.png"));
    await savePng(join(dir, "saved.png"), x);
    expect(numbers(await loadImage(join(dir, "saved.png")))).toEqual(numbers(x));
    const error = await errorOf(() => savePng(join(dir, "no", "where.png"), x));
    expect(error.message).toMatch(
      /^savePng: .*where\.png cannot be written: there is no such file or folder/,
    );
  });
});

describe("encodePng", () => {
  test.each([1, 2, 3, 4])("writes %i channels that sharp reads", async (channels) => {
    const x = tensor(
      Float32Array.from({ length: 30 * channels }, (_, i) => (i * 31) % 256),
      { shape: [5, 6, channels] },
    );
    const bytes = encodePng(x);
    expect(numbers(await decodeImage(bytes, { decoder: "sharp" }))).toEqual(numbers(x));
    expect((await sharp(bytes).metadata()).channels).toBe(channels);
  });

  test("rounds, cuts off, and takes images of 0..1", () => {
    const x = tensor(Float32Array.of(-3, 0.4, 0.6, 300, Number.NaN, 254.5), { shape: [1, 6, 1] });
    expect(Array.from(decodePixelsSync(encodePng(x)).data)).toEqual([0, 0, 1, 255, 0, 255]);
    const unit = tensor(Float32Array.of(0, 0.5, 1), { shape: [1, 3, 1] });
    expect(Array.from(decodePixelsSync(encodePng(unit, { scale: 1 })).data)).toEqual([0, 128, 255]);
  });

  test("keeps 16 bits", () => {
    const x = decodeImageSync(fixture("grey-16bit.png"));
    const again = decodeImageSync(encodePng(x, { bitDepth: 16 }));
    expect(numbers(again)).toEqual(numbers(x));
  });

  test("compresses smooth pictures", () => {
    const x = tensor(
      Float32Array.from({ length: 100 * 100 }, (_, i) => (i % 100) + Math.floor(i / 100)),
      { shape: [100, 100, 1] },
    );
    expect(encodePng(x, { level: 9 }).length).toBeLessThan(700);
  });

  test("refuses batches and impossible options", async () => {
    const batch = tensor(new Float32Array(8), { shape: [2, 2, 2, 1] });
    expect(await errorOf(() => encodePng(batch))).toBeInstanceOf(ShapeError);
    const one = tensor(new Float32Array(4), { shape: [2, 2, 1] });
    expect((await errorOf(() => encodePng(one, { scale: 0 }))).message).toMatch(
      /^encodePng: scale 0 and bitDepth 8/,
    );
    expect(await errorOf(() => encodePng("x" as unknown as Tensor))).toBeInstanceOf(StateError);
  });

  const shape = fc.tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 4 }),
  );
  property.prop([shape, fc.boolean(), fc.infiniteStream(fc.nat(255))])(
    "what is written is read",
    (size, deep, values) => {
      const data = Float32Array.from(values.take(size.reduce((a, b) => a * b)));
      const bytes = encodePng(tensor(data, { shape: size }), { bitDepth: deep ? 16 : 8 });
      expect(numbers(decodeImageSync(bytes))).toEqual(Array.from(data));
    },
  );
});

describe("pixels", () => {
  test("become tensors", () => {
    const x = pixelsToTensor(pixels(Uint16Array.of(0, 65535), { width: 2, height: 1, channels: 1 }));
    expect([x.shape, x.dtype, numbers(x)]).toEqual([[1, 2, 1], "float32", [0, 255]]);
  });

  test("must fill their size", () => {
    expect(() => pixels(new Uint8Array(5), { width: 2, height: 1, channels: 3 })).toThrow(
      "pixels: 5 samples do not fill [1, 2, 3]. That shape takes 6 samples.",
    );
    expect(() => pixels(new Uint8Array(0), { width: 0, height: 1, channels: 3 })).toThrow(ShapeError);
  });
});

test("jpeg photographs agree between the decoders as tensors too", async () => {
  const [a, b] = await Promise.all(
    (["sharp", "portable"] as const).map((decoder) => decodeImage(fixture("orientation-7.jpg"), { decoder })),
  );
  expect(distance(numbers(a as Tensor), numbers(b as Tensor))).toBeLessThanOrEqual(2);
});
