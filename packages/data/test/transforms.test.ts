import { DTypeError, IndexError, ShapeError, StateError, type Tensor, tensor } from "@cotangent/core";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  centerCrop,
  crop,
  flipHorizontal,
  flipVertical,
  normalize,
  randomCrop,
  randomFlipHorizontal,
  randomFlipVertical,
  resize,
  resizeShorterSide,
  resizeToCover,
  type Size,
  toGrayscale,
  toRgb,
} from "../src/index.ts";
import { distance, errorOf, json, numbers } from "./helpers.ts";

interface ResizeCase {
  readonly shape: number[];
  readonly input: number[];
  readonly size: Size;
  readonly torch: { readonly bilinear: number[]; readonly antialias: number[]; readonly nearest: number[] };
  readonly pillow: { readonly antialias: number[]; readonly nearest: number[] };
}

interface Numbers {
  readonly resize: ResizeCase[];
  readonly cover: { shape: number[]; input: number[]; size: Size; result: number[] }[];
  readonly arrange: {
    shape: number[];
    input: number[];
    crops: { box: { top: number; left: number; height: number; width: number }; result: number[] }[];
    flipHorizontal: number[];
    flipVertical: number[];
    grey: number[];
  };
}

const oracle = json<Numbers>("numbers.json");

function image(shape: readonly number[], data?: ArrayLike<number>): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(Float32Array.from(data ?? Array.from({ length: size }, (_, i) => (i * 7) % 256)), { shape });
}

/** Rounding of float32 numbers up to 255, a few times over. */
const ROUNDING = 1e-4;

describe.each(oracle.resize)("resize of $shape to $size", ({ shape, input, size, torch, pillow }) => {
  const x = image(shape, input);

  test("nearest is Pillow's NEAREST and PyTorch's nearest-exact", () => {
    const result = resize(x, size, { method: "nearest" });
    expect(numbers(result)).toEqual(torch.nearest);
    expect(numbers(result)).toEqual(pillow.nearest);
  });

  test("antialiased bilinear is Pillow's and PyTorch's", () => {
    const result = resize(x, size);
    expect(result.shape).toEqual([...size, shape[2]]);
    expect(result.dtype).toBe("float32");
    expect(distance(numbers(result), torch.antialias)).toBeLessThan(ROUNDING);
    expect(distance(numbers(result), pillow.antialias)).toBeLessThan(ROUNDING);
  });

  test("plain bilinear is PyTorch's", () => {
    expect(distance(numbers(resize(x, size, { antialias: false })), torch.bilinear)).toBeLessThan(ROUNDING);
  });

  test("float64 images stay float64, to its precision", () => {
    const wide = tensor(Float64Array.from(input), { shape, dtype: "float64" });
    const result = resize(wide, size);
    expect(result.dtype).toBe("float64");
    expect(distance(numbers(result).map(Math.fround), torch.antialias)).toBeLessThan(2e-5);
  });
});

test.each(oracle.cover)("resizeToCover of $shape to $size scales as PyTorch and crops the middle", (each) => {
  const result = resizeToCover(image(each.shape, each.input), each.size);
  expect(result.shape).toEqual([...each.size, 3]);
  expect(distance(numbers(result), each.result)).toBeLessThan(ROUNDING);
});

test("resizeShorterSide keeps the ratio of the sides", () => {
  expect(resizeShorterSide(image([20, 30, 1]), 10).shape).toEqual([10, 15, 1]);
  expect(resizeShorterSide(image([30, 20, 1]), 40).shape).toEqual([60, 40, 1]);
});

test("the parts of a resized picture are those of the whole", () => {
  const x = image([40, 61, 3]);
  const whole = resizeShorterSide(x, 16); // [16, 24, 3]
  const part = resizeToCover(x, 16);
  expect(numbers(part)).toEqual(numbers(crop(whole, { top: 0, left: 4, height: 16, width: 16 })));
});

describe("crops and flips agree with Pillow", () => {
  const { shape, input, crops, ...flips } = oracle.arrange;
  const x = image(shape, input);

  test.each(crops)("crop $box", ({ box, result }) => {
    expect(numbers(crop(x, box))).toEqual(result);
  });
  test("flips", () => {
    expect(numbers(flipHorizontal(x))).toEqual(flips.flipHorizontal);
    expect(numbers(flipVertical(x))).toEqual(flips.flipVertical);
  });
  test("grey, which Pillow rounds", () => {
    const grey = toGrayscale(x);
    expect(grey.shape).toEqual([6, 8, 1]);
    expect(distance(numbers(grey), flips.grey)).toBeLessThanOrEqual(0.51);
  });
});

describe("batches are handled image by image", () => {
  const [a, b] = [
    image([5, 6, 3]),
    image(
      [5, 6, 3],
      Array.from({ length: 90 }, (_, i) => (i * i) % 251),
    ),
  ];
  const both = image([2, 5, 6, 3], [...numbers(a), ...numbers(b)]);

  test.each<[string, (x: Tensor) => Tensor]>([
    ["resize", (x) => resize(x, [3, 9])],
    ["resize nearest", (x) => resize(x, [3, 9], { method: "nearest" })],
    ["resizeToCover", (x) => resizeToCover(x, [4, 4])],
    ["crop", (x) => crop(x, { top: 1, left: 2, height: 3, width: 2 })],
    ["centerCrop", (x) => centerCrop(x, 4)],
    ["flipHorizontal", flipHorizontal],
    ["flipVertical", flipVertical],
    ["normalize", (x) => normalize(x, { mean: [1, 2, 3], std: 2 })],
    ["toGrayscale", (x) => toGrayscale(x)],
  ])("%s", (_, act) => {
    const result = act(both);
    expect(result.shape).toEqual([2, ...act(a).shape]);
    expect(numbers(result)).toEqual([...numbers(act(a)), ...numbers(act(b))]);
  });
});

test("centerCrop leaves the odd row and column at the bottom and right", () => {
  expect(numbers(centerCrop(image([5, 5, 1], [...Array(25).keys()]), [2, 2]))).toEqual([6, 7, 11, 12]);
});

test("integer dtypes stay where no new values arise, else become float32", () => {
  const x = tensor(Int32Array.from([1, 2, 3, 4]), { shape: [2, 2, 1], dtype: "int32" });
  expect(flipVertical(x).dtype).toBe("int32");
  expect(crop(x, { top: 0, left: 0, height: 1, width: 2 }).dtype).toBe("int32");
  expect(resize(x, [4, 4], { method: "nearest" }).dtype).toBe("int32");
  expect(resize(x, [4, 4]).dtype).toBe("float32");
  expect(normalize(x, { std: 2 }).dtype).toBe("float32");
});

test("transforms leave their argument as it was", () => {
  const x = image([4, 4, 3]);
  const before = numbers(x);
  normalize(resize(flipVertical(flipHorizontal(x)), [4, 4]), { mean: 3 });
  expect(numbers(x)).toEqual(before);
});

describe("random crops and flips", () => {
  const x = image(
    [64, 8, 8, 1],
    Array.from({ length: 64 * 64 }, (_, i) => i % 64),
  );

  test("are the same for the same seed and differ between seeds and images", () => {
    const once = numbers(randomCrop(x, 3, { seed: 5 }));
    expect(numbers(randomCrop(x, 3, { seed: 5 }))).toEqual(once);
    expect(numbers(randomCrop(x, 3, { seed: [5, 1] }))).not.toEqual(once);
    const corners = new Set(Array.from({ length: 64 }, (_, i) => once[i * 9]));
    expect(corners.size).toBeGreaterThan(15); // of 36 places
  });

  test("a random crop is a crop", () => {
    const [top = 0, left = 0] =
      [numbers(randomCrop(x, 3, { seed: 9 }))[0] as number].map((n) => [n >> 3, n & 7])[0] ?? [];
    expect(numbers(randomCrop(x, 3, { seed: 9 })).slice(0, 9)).toEqual(
      numbers(crop(x, { top, left, height: 3, width: 3 })).slice(0, 9),
    );
  });

  test("every place of a crop is reached", () => {
    const tops = new Set(
      Array.from(
        { length: 60 },
        (_, seed) => numbers(randomCrop(image([3, 1, 1], [0, 1, 2]), 1, { seed }))[0],
      ),
    );
    expect([...tops].sort()).toEqual([0, 1, 2]);
  });

  test("flip about half of the images, or all, or none", () => {
    const first = (flipped: Tensor) => Array.from({ length: 64 }, (_, i) => numbers(flipped)[i * 64]);
    const half = first(randomFlipHorizontal(x, { seed: 3 })).filter((value) => value === 7).length;
    expect(half).toBeGreaterThan(16);
    expect(half).toBeLessThan(48);
    expect(first(randomFlipVertical(x, { seed: 3, probability: 1 })).every((value) => value === 56)).toBe(
      true,
    );
    expect(numbers(randomFlipVertical(x, { seed: 3, probability: 0 }))).toEqual(numbers(x));
  });
});

describe("colours", () => {
  test("grey is a weighted sum, by choice of weights", () => {
    const x = image([1, 1, 3], [100, 50, 200]);
    expect(numbers(toGrayscale(x))[0]).toBeCloseTo(0.299 * 100 + 0.587 * 50 + 0.114 * 200, 4);
    expect(numbers(toGrayscale(x, { weights: "rec709" }))[0]).toBeCloseTo(
      0.2126 * 100 + 0.7152 * 50 + 0.0722 * 200,
      4,
    );
    expect(numbers(toGrayscale(x, { weights: [1, 0, 0] }))).toEqual([100]);
    expect(numbers(toGrayscale(image([1, 2, 1], [3, 4])))).toEqual([3, 4]);
  });

  test("grey becomes RGB by repetition", () => {
    const result = toRgb(image([1, 2, 1], [3, 4]));
    expect(result.shape).toEqual([1, 2, 3]);
    expect(numbers(result)).toEqual([3, 3, 3, 4, 4, 4]);
    expect(numbers(toRgb(image([1, 1, 3], [1, 2, 3])))).toEqual([1, 2, 3]);
  });

  test("alpha is dropped or composited", () => {
    const x = image([1, 2, 4], [200, 100, 0, 255, 200, 100, 0, 51]);
    expect(numbers(toRgb(x))).toEqual([200, 100, 0, 200, 100, 0]);
    expect(distance(numbers(toRgb(x, { background: [0, 0, 255] })), [200, 100, 0, 40, 20, 204])).toBeLessThan(
      1e-4,
    );
    expect(distance(numbers(toRgb(x, { background: 255 })), [200, 100, 0, 244, 224, 204])).toBeLessThan(1e-4);
    const scaled = normalize(x, { std: 255 });
    const over = toRgb(scaled, { background: 1, opaque: 1 });
    expect(
      distance(
        numbers(over),
        [200, 100, 0, 244, 224, 204].map((v) => v / 255),
      ),
    ).toBeLessThan(1e-5);
  });

  test("grey + alpha over a coloured background becomes RGB, over grey stays grey", () => {
    const x = image([1, 1, 2], [100, 127.5]);
    expect(numbers(toRgb(x, { background: [200, 0, 100] }))).toEqual([150, 50, 100]);
    expect(numbers(toGrayscale(x, { background: 200 }))).toEqual([150]);
  });

  test("normalize subtracts and divides channel by channel", () => {
    expect(numbers(normalize(image([1, 1, 3], [10, 20, 30]), { mean: [1, 2, 3], std: [9, 9, 9] }))).toEqual([
      1, 2, 3,
    ]);
    expect(numbers(normalize(image([1, 1, 1], [51]), { std: 255 }))).toEqual([Math.fround(51 / 255)]);
  });
});

describe("errors say which operation, what and what to do", () => {
  const x = image([8, 6, 3]);
  const flat = image([28, 28]);
  const bool = tensor([[[true]]]);
  test.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
    [
      "no tensor",
      () => resize([[1]] as unknown as Tensor, [2, 2]),
      StateError,
      /^resize: \[\[1\]\] is not a tensor\. Load one/,
    ],
    [
      "undefined",
      () => flipVertical(undefined as unknown as Tensor),
      StateError,
      /^flipVertical: undefined is not a tensor/,
    ],
    [
      "no channels",
      () => resize(flat, [2, 2]),
      ShapeError,
      /^resize: \[28, 28\] has no axis of channels\. Add one: image\.reshape\(\[28, 28, 1\]\)/,
    ],
    [
      "images without channels",
      () => resize(image([9, 7, 7]), [2, 2]),
      ShapeError,
      /one image of 7 channels.*reshape\(\[9, 7, 7, 1\]\)/,
    ],
    [
      "too many axes",
      () => crop(image([1, 1, 1, 1, 1]), { top: 0, left: 0, height: 1, width: 1 }),
      ShapeError,
      /is not an image/,
    ],
    ["bool", () => flipVertical(bool), DTypeError, /^flipVertical: images of dtype bool.*cast/],
    [
      "NaN size",
      () => resize(x, [Number.NaN, 2]),
      ShapeError,
      /^resize: the size \[NaN, 2\] is not \[height, width\]/,
    ],
    ["negative size", () => resize(x, [-1, 2]), ShapeError, /\[-1, 2\]/],
    ["fractional size", () => resizeToCover(x, 2.5), ShapeError, /^resizeToCover: the size \[2\.5, 2\.5\]/],
    ["one number", () => resize(x, 5 as unknown as Size), ShapeError, /the size 5 is not/],
    ["zero side", () => resizeShorterSide(x, 0), StateError, /^resizeShorterSide: the side is 0/],
    [
      "method",
      () => resize(x, [2, 2], { method: "cubic" as "nearest" }),
      StateError,
      /the method is "cubic"\. Choose one of "nearest", "bilinear"/,
    ],
    [
      "box outside",
      () => crop(x, { top: 5, left: 0, height: 4, width: 6 }),
      IndexError,
      /^crop: box \[top 5, left 0, height 4, width 6\] leaves the image of \[8, 6\]\. Keep/,
    ],
    [
      "negative box",
      () => crop(x, { top: -1, left: 0, height: 4, width: 6 }),
      ShapeError,
      /is not a box\. Pass \{ top, left, height, width \}/,
    ],
    [
      "no box",
      () => crop(x, undefined as unknown as { top: 0; left: 0; height: 1; width: 1 }),
      ShapeError,
      /undefined is not a box/,
    ],
    [
      "large centre",
      () => centerCrop(x, [9, 2]),
      ShapeError,
      /^centerCrop: \[9, 2\] does not fit into an image of \[8, 6\]\. Scale it up/,
    ],
    ["large random", () => randomCrop(x, 7, { seed: 1 }), ShapeError, /^randomCrop: \[7, 7\] does not fit/],
    [
      "no seed",
      () => randomCrop(x, 2, {} as { seed: number }),
      StateError,
      /^randomCrop: the seed undefined is not a whole number\. Pass/,
    ],
    [
      "no options",
      () => (randomCrop as (...args: unknown[]) => Tensor)(x, 2),
      StateError,
      /^randomCrop: the options are undefined\. Pass \{ seed: 1 \}/,
    ],
    [
      "no options of normalize",
      () => (normalize as (...args: unknown[]) => Tensor)(x),
      StateError,
      /^normalize: the options are undefined\. Pass \{ std: 255 \}/,
    ],
    [
      "probability",
      () => randomFlipVertical(x, { seed: 1, probability: 2 }),
      StateError,
      /^randomFlipVertical: the probability is 2/,
    ],
    ["std 0", () => normalize(x, { std: 0 }), StateError, /^normalize: std is 0, which divides by zero/],
    [
      "two means",
      () => normalize(x, { mean: [1, 2] }),
      ShapeError,
      /^normalize: 2 numbers of mean for 3 channels/,
    ],
    ["NaN mean", () => normalize(x, { mean: Number.NaN }), StateError, /^normalize: mean is NaN/],
    [
      "background",
      () => toRgb(x, { background: [1, 2] as never }),
      StateError,
      /^toRgb: the background is \[1, 2\]/,
    ],
    [
      "weights",
      () => toGrayscale(x, { weights: "rec2020" as "rec601" }),
      StateError,
      /^toGrayscale: the weights are "rec2020"/,
    ],
    ["five channels", () => toRgb(image([1, 2, 2, 5])), ShapeError, /^toRgb: 5 channels are no colours/],
  ])("%s", async (_, act, type, message) => {
    const error = await errorOf(act);
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
  });
});

const side = fc.integer({ min: 1, max: 12 });

property.prop([side, side, side, side, fc.boolean()])(
  "resizing keeps constants and never leaves the range of the image",
  (height, width, newHeight, newWidth, antialias) => {
    const x = image([height, width, 2]);
    const result = numbers(resize(x, [newHeight, newWidth], { antialias }));
    const [low, high] = [Math.min(...numbers(x)), Math.max(...numbers(x))];
    for (const value of result) expect(value >= low - 1e-3 && value <= high + 1e-3).toBe(true);
    const flat = resize(
      image([height, width, 1], new Float32Array(height * width).fill(7)),
      [newHeight, newWidth],
      { antialias },
    );
    for (const value of numbers(flat)) expect(value).toBeCloseTo(7, 5);
  },
);

property.prop([side, side, side, side])(
  "resizing commutes with flipping",
  (height, width, newHeight, newWidth) => {
    const x = image([height, width, 1]);
    const size = [newHeight, newWidth] as const;
    const [one, other] = [resize(flipHorizontal(x), size), flipHorizontal(resize(x, size))];
    expect(distance(numbers(one), numbers(other))).toBeLessThan(1e-3);
  },
);
