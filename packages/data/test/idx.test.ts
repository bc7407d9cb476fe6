import { gzipSync } from "node:zlib";
import { DTypeError, FormatError, StateError } from "@cotangent/core";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { decodeIdx, encodeIdx, type IdxType } from "../src/index.ts";
import { errorOf, numbers } from "./helpers.ts";

const cases: readonly (readonly [type: IdxType, code: number, values: readonly number[], dtype: string])[] = [
  ["uint8", 8, [0, 1, 128, 255], "int32"],
  ["int8", 9, [-128, -1, 0, 127], "int32"],
  ["int16", 11, [-32768, -1, 256, 32767], "int32"],
  ["int32", 12, [-(2 ** 31), -1, 65536, 2 ** 31 - 1], "int32"],
  ["float32", 13, [-0.5, 1.25, Math.fround(Math.PI), 2 ** 100], "float32"],
  ["float64", 14, [-0.5, 1.25, Math.PI, 1e300], "float64"],
];

describe.each(cases)("elements of %s", (type, code, values, dtype) => {
  const bytes = encodeIdx({ type, shape: [2, 2], data: values });

  test("are big-endian behind the header of the format", () => {
    expect([...bytes.subarray(0, 12)]).toEqual([0, 0, code, 2, 0, 0, 0, 2, 0, 0, 0, 2]);
  });

  test.each([
    ["plain", bytes],
    ["gzip", new Uint8Array(gzipSync(bytes))],
  ])("are read from %s files", (_, file) => {
    const x = decodeIdx(file);
    expect(x.shape).toEqual([2, 2]);
    expect(x.dtype).toBe(dtype);
    expect(numbers(x)).toEqual(values);
  });

  test("can be asked for in another dtype", () => {
    const x = decodeIdx(bytes, { dtype: "float64" });
    expect(x.dtype).toBe("float64");
    expect(numbers(x)).toEqual(values);
  });
});

const labels = encodeIdx({ type: "uint8", shape: [3], data: [7, 8, 9] });
const large = encodeIdx({ type: "uint8", shape: [60, 100, 100], data: new Uint8Array(600_000) });
const packed = new Uint8Array(gzipSync(large));

function patched(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
}

const hostile: Record<string, readonly [bytes: Uint8Array, message: RegExp]> = {
  "an empty file": [new Uint8Array(0), /empty/],
  "an image": [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0), /no IDX file \(it begins with 89 50 4e 47\)/],
  "an unknown type": [patched(labels, 2, 10), /no IDX file/],
  "no axes": [Uint8Array.of(0, 0, 8, 0, 1), /no axes/],
  "half a header": [labels.slice(0, 6), /inside its IDX header/],
  "a size of zero": [patched(labels, 4, 0, 0, 0, 0), /empty shape \[0\]/],
  "an element too few": [
    labels.slice(0, -1),
    /\[3\] of uint8 takes 11 bytes, and there are 10: it is cut short/,
  ],
  "bytes after the end": [Uint8Array.from([...labels, 1]), /1 bytes follow after its end/],
  "a size of 2^32 - 1": [
    patched(labels, 4, 255, 255, 255, 255),
    /claims 4294967303 bytes, more than the limit of 2147483648/,
  ],
  "a gzip file cut short": [packed.slice(0, -20), /cut short/],
  "a gzip file without its trailer": [packed.slice(0, -4), /checksum|cut short/],
  "a gzip file with a wrong checksum": [patched(packed, packed.length - 6, 1), /checksum/],
  "a gzip file with damaged data": [patched(packed, 30, 255, 255, 255), /damaged|checksum/],
  "a gzip file that unpacks to more than it promises": [
    new Uint8Array(gzipSync(Buffer.concat([labels, Buffer.alloc(5_000_000)]))),
    /unpacks to more than the 11 bytes/,
  ],
  "a gzip file that unpacks to less than it promises": [
    new Uint8Array(gzipSync(large.subarray(0, 5000))),
    /cut short/,
  ],
  "a gzip file of something else": [new Uint8Array(gzipSync(Buffer.alloc(3000, 7))), /no IDX file/],
};

test.each(Object.keys(hostile))("%s is a FormatError with the file's name", async (kind) => {
  const [bytes, message] = hostile[kind] as (typeof hostile)[string];
  const error = await errorOf(() => decodeIdx(bytes, { name: "train-labels.gz" }));
  expect(error).toBeInstanceOf(FormatError);
  expect(error.message).toMatch(/^decodeIdx: train-labels\.gz: /);
  expect(error.message).toMatch(message);
});

test("what is no file, no dtype and no shape is refused", () => {
  expect(() => decodeIdx("x" as unknown as Uint8Array)).toThrow(StateError);
  expect(() => decodeIdx(labels, { dtype: "bool" as "int32" })).toThrow(DTypeError);
  expect(() => encodeIdx({ type: "uint8", shape: [4], data: [1, 2] })).toThrow(
    "encodeIdx: 2 elements of uint8 do not make [4]. Types are",
  );
});

property.prop(
  [
    fc.constantFrom(labels, packed),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    fc.nat(700_000),
  ],
  {
    numRuns: 300,
  },
)("damaged files decode or are FormatErrors", (file, flips, keep) => {
  const bytes = file.slice(0, Math.max(1, keep));
  for (const [at, value] of flips) bytes[at % bytes.length] = value;
  try {
    decodeIdx(bytes, { maxBytes: 1e7 });
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
  }
});
