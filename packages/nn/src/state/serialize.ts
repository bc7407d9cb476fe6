import { describeValue, formatShape, type NDArray, ShapeError, StateError } from "@cotangent/core";
import { DTYPE_BYTES, DTYPE_NAMES, type HeaderEntry, LAYOUT, METADATA, orderBytes } from "./safetensors.ts";

/** Values by name, as `Module.getState` and `Optimizer.state` give them. */
export type NamedArrays = Readonly<Record<string, NDArray>>;

/**
 * A state as bytes, to be written to a file or sent: those of a safetensors file (see `LAYOUT`), which other tools read
 * too. Equal states give equal bytes.
 * @throws StateError or ShapeError for what is not a state
 */
export function serializeState(state: NamedArrays): Uint8Array {
  if (typeof state !== "object" || state === null) {
    throw new StateError(`${describeValue(state)} is not a state`, {
      operation: "serializeState",
      remedy: "Pass what getState gives: an object of names and values",
    });
  }
  const entries = Object.entries(state);
  for (const [name, array] of entries) checkArray(name, array);
  // The widest elements first, so that all of them are aligned.
  entries.sort(
    ([a, { dtype: left }], [b, { dtype: right }]) =>
      DTYPE_BYTES[right] - DTYPE_BYTES[left] || (a < b ? -1 : 1),
  );
  let end = 0;
  const described = entries.map(([name, { dtype, shape, data }]): [string, HeaderEntry] => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: DTYPE_NAMES[dtype], shape, data_offsets: [begin, end] }];
  });
  const json = JSON.stringify(Object.fromEntries<unknown>([[METADATA, LAYOUT], ...described]));
  const text = new TextEncoder().encode(json);
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.fill(0x20, 8, start);
  bytes.set(text, 8);
  entries.forEach(([, { dtype, data }], i) => {
    const [from, to] = described[i][1].data_offsets;
    const target = bytes.subarray(start + from, start + to);
    target.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    orderBytes(target, DTYPE_BYTES[dtype]);
  });
  return bytes;
}

function checkArray(name: string, array: NDArray): void {
  const operation = "serializeState";
  const known = typeof array?.dtype === "string" && Object.hasOwn(DTYPE_NAMES, array.dtype);
  if (name === METADATA || !known || !Array.isArray(array.shape) || !ArrayBuffer.isView(array.data)) {
    throw new StateError(
      name === METADATA
        ? `${METADATA} cannot be a name`
        : `${name} is not a value with dtype, shape and data`,
      { operation, remedy: "Pass what getState gives" },
    );
  }
  const size = array.shape.reduce((product, length) => product * length, 1);
  if (array.data.length === size && array.data.BYTES_PER_ELEMENT === DTYPE_BYTES[array.dtype]) return;
  throw new ShapeError(
    `${name} has ${array.data.length} elements of ${array.data.BYTES_PER_ELEMENT} bytes for ${array.dtype} ${formatShape(array.shape)}`,
    { operation, shapes: [array.shape], remedy: "The data of an entry must fill its shape in its dtype" },
  );
}
