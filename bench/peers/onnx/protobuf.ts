/**
 * As much of protobuf's wire format as ONNX models need: a message is a list of fields, a field is its number, its kind
 * of coding, and a varint, four bytes, or bytes with their length in front.
 * Source: https://protobuf.dev/programming-guides/encoding
 */

const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;

/** The bytes of one field, or of several. */
export type Field = Uint8Array;

/** Seven bits a byte, the lowest first, each but the last marked by its highest bit. For integers from 0 to 2^53. */
function varint(value: number): number[] {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a varint: ${value}`);
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

const tag = (field: number, coding: number): number[] => varint(field * 8 + coding);

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** A field of type int32, int64 or enum. */
export function integer(field: number, value: number): Field {
  return Uint8Array.from([...tag(field, VARINT), ...varint(value)]);
}

/** A field of type float. */
export function float(field: number, value: number): Field {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return Uint8Array.from([...tag(field, FIXED32), ...bytes]);
}

/** A field of type bytes, string, or another message. */
export function bytes(field: number, value: Uint8Array | string | readonly Field[]): Field {
  const content =
    typeof value === "string"
      ? new TextEncoder().encode(value)
      : value instanceof Uint8Array
        ? value
        : concatenate(value);
  return concatenate([Uint8Array.from([...tag(field, LENGTH), ...varint(content.length)]), content]);
}
