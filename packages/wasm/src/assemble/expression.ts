import type { ByteWriter } from "./bytes.ts";
import {
  type AtomicName,
  alignmentOf,
  type InstructionName,
  instruction,
  type LaneName,
  type LoadName,
  type MemoryLaneName,
  type PlainName,
} from "./instructions.ts";
import type { ValueType } from "./types.ts";

/**
 * Code that leaves one value on the stack. Written wherever it is used: what is used twice belongs into a local
 * (`FunctionBuilder.let`).
 */
export interface Expr {
  readonly type: ValueType;
  write(out: ByteWriter): void;
}

/** Writes an opcode, prefixed ones as a prefix and a number. */
export function writeOpcode(out: ByteWriter, prefix: number, code: number): void {
  if (prefix === 0) {
    out.byte(code);
    return;
  }
  out.byte(prefix);
  // The opcodes of atomics are single bytes, those of vectors are numbers.
  out.unsigned(code);
}

const writeOperation = (out: ByteWriter, name: InstructionName, args: readonly Expr[]): void => {
  for (const arg of args) arg.write(out);
  const { prefix, code } = instruction(name);
  writeOpcode(out, prefix, code);
};

const expression = (type: ValueType, write: (out: ByteWriter) => void): Expr => ({ type, write });

/** `op("i32.add", a, b)`: an instruction applied to operands. */
export function op(name: PlainName, ...args: readonly Expr[]): Expr {
  return expression(instruction(name).result as ValueType, (out) => writeOperation(out, name, args));
}

/** One lane of a vector, taken or replaced: `lane("f32x4.extract_lane", 2, v)`. */
export function lane(name: LaneName, index: number, ...args: readonly Expr[]): Expr {
  return expression(instruction(name).result as ValueType, (out) => {
    writeOperation(out, name, args);
    out.byte(index);
  });
}

/** Writes the alignment and offset behind a load or store. */
export function writeMemoryArgument(
  out: ByteWriter,
  name: InstructionName,
  offset: number,
  aligned: boolean,
): void {
  out.unsigned(aligned ? alignmentOf(name) : 0);
  out.unsigned(offset);
}

/** What lies at `address + offset` (bytes, offset 0 or more). */
export function load(name: LoadName, address: Expr, offset = 0): Expr {
  return expression(instruction(name).result as ValueType, (out) => {
    writeOperation(out, name, [address]);
    writeMemoryArgument(out, name, offset, name.includes("atomic"));
  });
}

/** An atomic operation with a result: `atomic("i32.atomic.rmw.add", address, value)`. */
export function atomic(name: AtomicName, address: Expr, ...args: readonly Expr[]): Expr {
  return expression("i32", (out) => {
    writeOperation(out, name, [address, ...args]);
    writeMemoryArgument(out, name, 0, true);
  });
}

/** A vector with one lane read from memory. */
export function loadLane(name: MemoryLaneName, index: number, address: Expr, vector: Expr, offset = 0): Expr {
  return expression("v128", (out) => {
    writeOperation(out, name, [address, vector]);
    writeMemoryArgument(out, name, offset, false);
    out.byte(index);
  });
}

/** Lanes 0 to 15 of `a` and 16 to 31 of `b`, byte by byte. */
export function shuffleBytes(a: Expr, b: Expr, bytes: readonly number[]): Expr {
  return expression("v128", (out) => {
    a.write(out);
    b.write(out);
    writeOpcode(out, 0xfd, 0x0d);
    for (const byte of bytes) out.byte(byte);
  });
}

/** Four lanes of 32 bits: 0 to 3 are `a`'s, 4 to 7 `b`'s. */
export const shuffle32 = (a: Expr, b: Expr, lanes: readonly [number, number, number, number]): Expr =>
  shuffleBytes(
    a,
    b,
    lanes.flatMap((n) => [4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3]),
  );

/** Two lanes of 64 bits: 0 and 1 are `a`'s, 2 and 3 `b`'s. */
export const shuffle64 = (a: Expr, b: Expr, lanes: readonly [number, number]): Expr =>
  shuffleBytes(
    a,
    b,
    lanes.flatMap((n) => Array.from({ length: 8 }, (_, i) => 8 * n + i)),
  );

export const i32 = (value: number): Expr =>
  expression("i32", (out) => {
    out.byte(0x41);
    out.signed(value);
  });

export const i64 = (value: bigint): Expr =>
  expression("i64", (out) => {
    out.byte(0x42);
    out.signedBig(value);
  });

export const f32 = (value: number): Expr =>
  expression("f32", (out) => {
    out.byte(0x43);
    out.append(new Uint8Array(new Float32Array([value]).buffer));
  });

export const f64 = (value: number): Expr =>
  expression("f64", (out) => {
    out.byte(0x44);
    out.append(new Uint8Array(new Float64Array([value]).buffer));
  });

/** A vector of 16 bytes. */
export const v128 = (bytes: Uint8Array): Expr =>
  expression("v128", (out) => {
    writeOpcode(out, 0xfd, 0x0c);
    out.append(bytes);
  });

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export const f32x4 = (value: number): Expr => v128(bytesOf(new Float32Array(4).fill(value)));
export const f64x2 = (value: number): Expr => v128(bytesOf(new Float64Array(2).fill(value)));
export const i32x4 = (...values: readonly number[]): Expr =>
  v128(bytesOf(values.length === 1 ? new Int32Array(4).fill(values[0]) : Int32Array.from(values)));
export const i64x2 = (value: bigint): Expr => v128(bytesOf(new BigInt64Array(2).fill(value)));

/** `condition ? a : b`, both computed. */
export const select = (condition: Expr, a: Expr, b: Expr): Expr =>
  expression(a.type, (out) => {
    a.write(out);
    b.write(out);
    condition.write(out);
    if (a.type === "v128") {
      out.byte(0x1c);
      out.unsigned(1);
      out.byte(0x7b);
    } else out.byte(0x1b);
  });

/** Pages of 64 KiB that memory has. */
export const memorySize = (): Expr =>
  expression("i32", (out) => {
    out.byte(0x3f);
    out.byte(0);
  });
