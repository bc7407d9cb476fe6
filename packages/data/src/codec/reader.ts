import { FormatError, StateError } from "@cotangent/core";

/** Makes the error for a damaged file; the file's name and the operation are already in it. */
export type Refuse = (what: string, options?: { remedy?: string; cause?: unknown }) => FormatError;

/** An error maker for one file: messages read `decodeImage: cat.png: <what is wrong>`. */
export function refusal(operation: string, file: string): Refuse {
  return (what, { remedy, cause } = {}) =>
    new FormatError(`${operation}: ${file}: ${what}`, {
      operation,
      file,
      ...(remedy === undefined ? {} : { remedy }),
      ...(cause === undefined ? {} : { cause }),
    });
}

/**
 * A file's bytes as a plain `Uint8Array` over the same memory: of a `Buffer`, too, and of an array of another realm (a frame, a
 * test runner's sandbox), for which `instanceof` fails. `StateError` for anything else.
 */
export function asBytes(bytes: Uint8Array, operation: string): Uint8Array {
  if (ArrayBuffer.isView(bytes) && bytes[Symbol.toStringTag] === "Uint8Array") {
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  throw new StateError(`${operation}: the bytes of a file must be a Uint8Array`, {
    operation,
    remedy:
      "Wrap an ArrayBuffer as new Uint8Array(buffer); files are read by loadImage(path) and loadIdx(path).",
  });
}

/** A view for reading numbers out of bytes, whatever part of a buffer they are. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** True when `bytes` has the given bytes at `offset`. */
export function startsWith(bytes: Uint8Array, magic: readonly number[], offset = 0): boolean {
  return magic.every((byte, i) => bytes[offset + i] === byte);
}

/** ASCII text as bytes. */
export function ascii(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}
