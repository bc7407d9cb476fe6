import { FormatError, type NDArray, ShapeError, StateError } from "@cotangent/core";
import { dense, deserializeState, sequential, serializeState } from "@cotangent/nn";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderBytes } from "../src/state/safetensors.ts";

const state: Record<string, NDArray> = {
  "layers.0.kernel": {
    dtype: "float32",
    shape: [2, 3],
    data: Float32Array.of(1, -2, 0.5, Number.NaN, -0, 1e30),
  },
  flags: { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) },
  wide: { dtype: "float64", shape: [1], data: Float64Array.of(Math.PI) },
  step: { dtype: "int32", shape: [], data: Int32Array.of(-7) },
  seed: { dtype: "uint32", shape: [2], data: Uint32Array.of(4294967295, 3) },
  empty: { dtype: "float32", shape: [0, 5], data: new Float32Array(0) },
};

/** A file with the given header, as an object or as text, and data. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function header(bytes: Uint8Array): Record<string, unknown> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
}

describe("serializeState and deserializeState", () => {
  it("bring every dtype and shape back, bit for bit", () => {
    const back = deserializeState(serializeState(state));
    expect(back).toEqual(state);
    expect(Object.is(back["layers.0.kernel"].data[4], -0)).toBe(true);
  });

  it("write the layout of safetensors: length, JSON, elements without gaps, all aligned", () => {
    const bytes = serializeState(state);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(bytes[8]).toBe("{".charCodeAt(0));
    const { __metadata__, ...entries } = header(bytes);
    expect(__metadata__).toEqual({ format: "cotangent", version: "1" });
    expect(entries).toEqual({
      wide: { dtype: "F64", shape: [1], data_offsets: [0, 8] },
      empty: { dtype: "F32", shape: [0, 5], data_offsets: [8, 8] },
      "layers.0.kernel": { dtype: "F32", shape: [2, 3], data_offsets: [8, 32] },
      seed: { dtype: "U32", shape: [2], data_offsets: [32, 40] },
      step: { dtype: "I32", shape: [], data_offsets: [40, 44] },
      flags: { dtype: "BOOL", shape: [3], data_offsets: [44, 47] },
    });
    expect(bytes.length).toBe(8 + length + 47);
    expect([...bytes.slice(8 + length + 40, 8 + length + 44)]).toEqual([0xf9, 0xff, 0xff, 0xff]);
  });

  it("give the same bytes for the same state, in whatever order its entries stand", () => {
    const reversed = Object.fromEntries(Object.entries(state).reverse());
    expect(serializeState(reversed)).toEqual(serializeState(state));
  });

  it("carry a model to another process and back", () => {
    const [from, to] = [1, 2].map((seed) => sequential({ inputShape: [3], seed }, [dense(4), dense(2)]));
    to.setState(deserializeState(serializeState(from.getState())));
    expect(to.getState()).toEqual(from.getState());
  });

  it("read files of other tools: no metadata, other metadata, unaligned data, a view into a larger buffer", () => {
    const data = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
    const expected = { w: { dtype: "float32", shape: [2], data: Float32Array.of(1.5, -2) } };
    for (const metadata of [{}, { __metadata__: { format: "pt" } }]) {
      for (const padding of ["", " ", "  ", "   "]) {
        const bytes = file(JSON.stringify({ ...metadata, w: entry }) + padding, data);
        expect(deserializeState(bytes)).toEqual(expected);
        const larger = new Uint8Array(bytes.length + 20);
        larger.set(bytes, 3);
        expect(deserializeState(larger.subarray(3, 3 + bytes.length))).toEqual(expected);
        expect(deserializeState(Buffer.from(bytes))).toEqual(expected);
      }
    }
  });

  it("hand out data of the caller's own", () => {
    const bytes = serializeState(state);
    const back = deserializeState(bytes);
    bytes.fill(0);
    expect(back.wide.data[0]).toBe(Math.PI);
  });

  it("keep names that mean something to JavaScript", () => {
    const odd = JSON.parse('{"__proto__": 0, "constructor": 0, "": 0, "a b\\u0000é": 0}');
    const named = Object.fromEntries(Object.keys(odd).map((name) => [name, state.wide]));
    expect(Object.entries(deserializeState(serializeState(named)))).toEqual(Object.entries(named).sort());
  });

  it("take an empty state", () => {
    expect(deserializeState(serializeState({}))).toEqual({});
  });
});

describe("serializeState refuses", () => {
  it.each<[string, unknown, new (message: string) => Error, RegExp]>([
    ["what is no state", null, StateError, /null is not a state/],
    ["what is no value", { w: [1, 2] }, StateError, /w is not a value with dtype, shape and data/],
    ["an unknown dtype", { w: { ...state.wide, dtype: "float16" } }, StateError, /w is not a value/],
    ["the reserved name", { __metadata__: state.wide }, StateError, /__metadata__ cannot be a name/],
    [
      "too few elements",
      { w: { ...state.wide, shape: [2] } },
      ShapeError,
      /w has 1 elements of 8 bytes for float64 \[2\]/,
    ],
    [
      "elements of another type",
      { w: { ...state.wide, dtype: "float32" } },
      ShapeError,
      /8 bytes for float32/,
    ],
  ])("%s", (_, wrong, kind, message) => {
    expect(() => serializeState(wrong as never)).toThrow(kind);
    expect(() => serializeState(wrong as never)).toThrow(message);
  });
});

describe("deserializeState refuses with a FormatError", () => {
  const good = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
  const four = new Uint8Array(4);
  const lyingLength = (length: bigint) => {
    const bytes = serializeState(state);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    return bytes;
  };

  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /0 bytes are too few for a saved state/],
    ["seven bytes", new Uint8Array(7), /7 bytes are too few/],
    [
      "a header longer than the data",
      lyingLength(100_000n),
      /the header ends at byte 100008, the data at byte/,
    ],
    ["a huge header", lyingLength(2n ** 63n), /a header of 9223372036854775808 bytes is too long/],
    ["a header above the limit", lyingLength(100_000_001n), /is too long/],
    ["a header that is not JSON", file("{"), /the header is not JSON/],
    ["a header that is not UTF-8", file("x").fill(0xff, 8), /the header is not JSON/],
    ["a header that is an array", file("[]"), /the header is not an object/],
    ["a header that is null", file("null"), /the header is not an object/],
    ["an entry that is none", file({ w: 3 }), /the entry w is number 3/],
    ["an entry that is null", file({ w: null }), /the entry w is null/],
    [
      "an unknown dtype",
      file({ w: { ...good, dtype: "BF16" } }, four),
      /w has dtype "BF16". Cotangent reads BOOL, U32/,
    ],
    [
      "a dtype of JavaScript's",
      file({ w: { ...good, dtype: "constructor" } }, four),
      /w has dtype "constructor"/,
    ],
    ["no dtype", file({ w: { shape: [1], data_offsets: [0, 4] } }, four), /w has dtype undefined/],
    ["a negative size", file({ w: { ...good, shape: [-1] } }, four), /w has no shape/],
    ["a fractional size", file({ w: { ...good, shape: [0.5] } }, four), /w has no shape/],
    [
      "a size beyond all numbers",
      file('{"w":{"dtype":"F32","shape":[1e400],"data_offsets":[0,4]}}', four),
      /no shape/,
    ],
    [
      "a product beyond all numbers",
      file({ w: { ...good, shape: [2 ** 50, 2 ** 50] } }, four),
      /needs .* bytes, its offsets give 4/,
    ],
    ["no shape", file({ w: { ...good, shape: "1" } }, four), /w has no shape/],
    ["one offset", file({ w: { ...good, data_offsets: [4] } }, four), /w has no data_offsets/],
    ["a negative offset", file({ w: { ...good, data_offsets: [-4, 0] } }, four), /w has no data_offsets/],
    [
      "offsets the wrong way round",
      file({ w: { ...good, data_offsets: [4, 0] } }, four),
      /its offsets give -4/,
    ],
    [
      "offsets that do not fit the shape",
      file({ w: { ...good, data_offsets: [0, 3] } }, four),
      /needs 4 bytes, its offsets give 3/,
    ],
    ["offsets beyond the data", file({ w: good }), /the tensors have 4 bytes, the data 0/],
    [
      "a gap",
      file({ w: { ...good, data_offsets: [4, 8] } }, new Uint8Array(8)),
      /w begins at byte 4 of the data, where 0 is due: a gap/,
    ],
    [
      "an overlap",
      file({ v: good, w: good }, four),
      /w begins at byte 0 of the data, where 4 is due: an overlap/,
    ],
    ["data that nobody owns", file({ w: good }, new Uint8Array(5)), /the tensors have 4 bytes, the data 5/],
    [
      "a bool that is neither",
      file({ w: { dtype: "BOOL", shape: [1], data_offsets: [0, 1] } }, Uint8Array.of(2)),
      /w holds bytes that are neither 0 nor 1/,
    ],
    ["metadata that is no object", file({ __metadata__: 3 }), /__metadata__ is not an object/],
    ["metadata with numbers", file({ __metadata__: { epoch: 3 } }), /__metadata__ holds more than texts/],
    [
      "a later version",
      file({ __metadata__: { format: "cotangent", version: "2" } }),
      /version 2 of the format is not known. Install a newer/,
    ],
  ])("%s", (_, bytes, message) => {
    const read = () => deserializeState(bytes, { name: "model.bin" });
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^deserializeState: model.bin: /);
  });

  it("a file cut off anywhere", () => {
    const bytes = serializeState(state);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => deserializeState(bytes.slice(0, length))).toThrow(FormatError);
    }
  });

  it("names of any length with a message that can be read", () => {
    const bytes = file({ ["x".repeat(100_000)]: 3 });
    expect(() => deserializeState(bytes)).toThrow(/x{100}/);
    try {
      deserializeState(bytes);
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(400);
    }
  });

  it("and takes nothing else than bytes", () => {
    for (const wrong of [null, "bytes", [1, 2], new Float32Array(4)]) {
      expect(() => deserializeState(wrong as never)).toThrow(StateError);
    }
  });
});

describe("damaged bytes", () => {
  /** A state or a FormatError, never anything else. */
  function readsOrRefuses(bytes: Uint8Array): void {
    try {
      for (const { data, shape } of Object.values(deserializeState(bytes))) {
        expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }

  it("of any content give a state or a FormatError", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), readsOrRefuses), { numRuns: 500 });
  });

  it("of any header give a state or a FormatError", () => {
    const size = fc.oneof(fc.nat({ max: 4 }), fc.double(), fc.constantFrom(2 ** 31, 2 ** 53, 1e308));
    const entry = fc.record(
      {
        dtype: fc.constantFrom("F32", "F64", "I32", "U32", "BOOL", "F16", "toString"),
        shape: fc.array(size, { maxLength: 3 }),
        data_offsets: fc.tuple(size, size),
      },
      { requiredKeys: [] },
    );
    const headers = fc.dictionary(fc.string({ maxLength: 12 }), fc.oneof(entry, fc.jsonValue()), {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 24 }), (entries, data) =>
        readsOrRefuses(file(entries, data)),
      ),
      { numRuns: 500 },
    );
  });

  it("with a few bytes changed give a state or a FormatError", () => {
    const whole = serializeState(state);
    const changes = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(changes, (list) => {
        const bytes = whole.slice();
        for (const [at, value] of list) bytes[at] = value;
        readsOrRefuses(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("orderBytes", () => {
  it("turns elements round on machines of the other byte order, and nothing on this kind", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    orderBytes(bytes, 4, false);
    expect([...bytes]).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
    orderBytes(bytes, 4, true);
    orderBytes(bytes, 1, false);
    expect([...bytes]).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
  });
});
