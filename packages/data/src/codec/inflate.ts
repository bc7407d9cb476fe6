import { Gunzip, Unzlib } from "fflate";
import { crc32 } from "./crc32.ts";
import { type Refuse, viewOf } from "./reader.ts";

/** Deflate expands at most 1032 to 1, so a piece of this size can make at most 16 MB before its size is checked. */
const PIECE = 16 * 1024;

/** Streams compressed bytes through a decompressor in small pieces; `onData` may throw to end it. */
function pump(
  pieces: readonly Uint8Array[],
  onData: (chunk: Uint8Array) => void,
  make: (sink: (chunk: Uint8Array) => void) => { push(chunk: Uint8Array, final?: boolean): void },
  refuse: Refuse,
): void {
  let refused: unknown;
  const stream = make((chunk) => {
    try {
      onData(chunk);
    } catch (error) {
      refused = error;
      throw error;
    }
  });
  try {
    for (const bytes of pieces) {
      for (let at = 0; at < bytes.length; at += PIECE) stream.push(bytes.subarray(at, at + PIECE), false);
    }
    stream.push(new Uint8Array(0), true);
  } catch (error) {
    if (error === refused) throw error;
    throw refuse("the compressed data are damaged or cut short", { cause: error });
  }
}

/**
 * Decompresses zlib data (RFC 1950) that must yield exactly `size` bytes. More ends it at once, so that memory stays bounded
 * whatever the data claim.
 */
export function inflateExactly(pieces: readonly Uint8Array[], size: number, refuse: Refuse): Uint8Array {
  const out = new Uint8Array(size);
  let filled = 0;
  const take = (chunk: Uint8Array): void => {
    if (filled + chunk.length > size)
      throw refuse(`the compressed data hold more than the ${size} bytes of the image`);
    out.set(chunk, filled);
    filled += chunk.length;
  };
  pump(pieces, take, (sink) => new Unzlib(sink), refuse);
  if (filled !== size) throw refuse(`the compressed data hold ${filled} bytes where the image takes ${size}`);
  return out;
}

/**
 * Decompresses a gzip file of one member (RFC 1952) and checks its CRC and length. `limitOf` is asked with the first bytes (at
 * least `headLength`, or all there are) how many bytes there may be at most; more ends it at once.
 */
export function gunzip(
  bytes: Uint8Array,
  { headLength, limitOf }: { headLength: number; limitOf: (head: Uint8Array) => number },
  refuse: Refuse,
): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  let limit = -1;
  const take = (chunk: Uint8Array): void => {
    chunks.push(chunk.slice());
    total += chunk.length;
    if (limit < 0 && total >= headLength) limit = limitOf(concatenate(chunks, total));
    if (limit >= 0 && total > limit)
      throw refuse(`it unpacks to more than the ${limit} bytes that its header promises`);
  };
  if (bytes.length < 18) throw refuse("a gzip file has at least 18 bytes");
  pump([bytes], take, (sink) => new Gunzip(sink), refuse);
  const out = concatenate(chunks, total);
  const trailer = viewOf(bytes.subarray(bytes.length - 8));
  if (trailer.getUint32(4, true) !== out.length % 2 ** 32 || trailer.getUint32(0, true) !== crc32(out)) {
    throw refuse("its gzip checksum does not match", {
      remedy: "The file was damaged or cut short: fetch it again.",
    });
  }
  return out;
}

function concatenate(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const out = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
