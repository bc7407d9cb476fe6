import {
  type DType,
  describeValue,
  FormatError,
  type NDArray,
  StateError,
  type TypedArray,
} from "@cotangent/core";
import {
  DTYPE_BYTES,
  DTYPE_NAMES,
  dtypeNamed,
  LAYOUT,
  MAX_HEADER_BYTES,
  METADATA,
  orderBytes,
} from "./safetensors.ts";

export interface DeserializeOptions {
  /** What the bytes are, for messages: the file's name. */
  readonly name?: string;
}

/** A tensor of the file: what it is, and where its bytes lie behind the header. */
interface Located {
  readonly key: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Names in a damaged header can be of any length. */
const MAX_MESSAGE = 200;

type Fail = (what: string, remedy?: string) => never;

/**
 * The state in bytes that `serializeState` made, or in any safetensors file whose dtypes Cotangent has. The result is a
 * copy. Nothing of the bytes is believed before it is checked.
 * @throws FormatError for bytes that are damaged or no such file
 */
export function deserializeState(
  bytes: Uint8Array,
  { name }: DeserializeOptions = {},
): Record<string, NDArray> {
  if (!(ArrayBuffer.isView(bytes) && (bytes as Uint8Array).BYTES_PER_ELEMENT === 1)) {
    throw new StateError(`expected a Uint8Array, got ${describeValue(bytes)}`, {
      operation: "deserializeState",
      remedy: "Pass the bytes that serializeState made, such as readFileSync gives them",
    });
  }
  const fail: Fail = (what, remedy) => {
    const short = what.length <= MAX_MESSAGE ? what : `${what.slice(0, MAX_MESSAGE)}...`;
    throw new FormatError(`${name ?? "the data"}: ${short}`, {
      operation: "deserializeState",
      file: name,
      remedy: remedy ?? "The file is damaged, or it is not a safetensors file",
    });
  };
  const start = headerEnd(bytes, fail);
  const header = parseHeader(bytes.subarray(8, start), fail);
  const located = Object.entries(header)
    .filter(([key]) => key !== METADATA)
    .map(([key, entry]) => locate(key, entry, fail));
  checkMetadata(header, fail);
  checkCoverage(located, bytes.length - start, fail);
  return Object.fromEntries(
    located.map((entry): [string, NDArray] => {
      const { key, dtype, shape, begin, end } = entry;
      return [key, { dtype, shape, data: elements(entry, bytes.subarray(start + begin, start + end), fail) }];
    }),
  );
}

function headerEnd(bytes: Uint8Array, fail: Fail): number {
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a saved state`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) fail(`a header of ${length} bytes is too long`);
  const end = 8 + Number(length);
  if (end > bytes.length) fail(`the header ends at byte ${end}, the data at byte ${bytes.length}`);
  return end;
}

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    fail("the header is not JSON");
  }
  return isRecord(header) ? header : fail("the header is not an object");
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function locate(key: string, entry: unknown, fail: Fail): Located {
  if (!isRecord(entry)) fail(`the entry ${key} is ${describeValue(entry)}`);
  const { dtype: dtypeName, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const dtype = dtypeNamed(dtypeName);
  if (dtype === undefined) {
    return fail(
      `${key} has dtype ${JSON.stringify(dtypeName)}`,
      `Cotangent reads ${Object.values(DTYPE_NAMES).join(", ")}; convert the file with the tool that wrote it`,
    );
  }
  if (!Array.isArray(shape) || !shape.every(isSize)) return fail(`${key} has no shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    return fail(`${key} has no data_offsets`);
  }
  const [begin, end] = offsets as [number, number];
  const expected = shape.reduce((product: number, size: number) => product * size, DTYPE_BYTES[dtype]);
  if (end - begin !== expected) {
    fail(`${key} of shape [${shape.join(", ")}] needs ${expected} bytes, its offsets give ${end - begin}`);
  }
  return { key, dtype, shape, begin, end };
}

function checkMetadata(header: Record<string, unknown>, fail: Fail): void {
  if (!Object.hasOwn(header, METADATA)) return;
  const metadata = header[METADATA];
  const texts: Record<string, unknown> = isRecord(metadata) ? metadata : fail(`${METADATA} is not an object`);
  if (!Object.values(texts).every((value) => typeof value === "string"))
    fail(`${METADATA} holds more than texts`);
  if (texts.format !== LAYOUT.format || texts.version === LAYOUT.version) return;
  fail(`version ${String(texts.version)} of the format is not known`, "Install a newer Cotangent to read it");
}

/** Every byte behind the header belongs to exactly one tensor. */
function checkCoverage(located: readonly Located[], size: number, fail: Fail): void {
  let reached = 0;
  for (const { key, begin, end } of [...located].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== reached) {
      fail(
        `${key} begins at byte ${begin} of the data, where ${reached} is due: ${begin < reached ? "an overlap" : "a gap"}`,
      );
    }
    reached = end;
  }
  if (reached !== size) fail(`the tensors have ${reached} bytes, the data ${size}`);
}

const VIEWS: Record<DType, (buffer: ArrayBuffer) => TypedArray> = {
  bool: (buffer) => new Uint8Array(buffer),
  uint32: (buffer) => new Uint32Array(buffer),
  int32: (buffer) => new Int32Array(buffer),
  float32: (buffer) => new Float32Array(buffer),
  float64: (buffer) => new Float64Array(buffer),
};

function elements({ key, dtype }: Located, bytes: Uint8Array, fail: Fail): TypedArray {
  // A copy begins at 0, where every dtype is aligned.
  const own = new Uint8Array(bytes);
  orderBytes(own, DTYPE_BYTES[dtype]);
  if (dtype === "bool" && own.some((value) => value > 1)) fail(`${key} holds bytes that are neither 0 nor 1`);
  return VIEWS[dtype](own.buffer);
}
