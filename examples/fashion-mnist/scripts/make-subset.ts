// Makes the embedded subset out of the whole data set:
// node scripts/make-subset.ts /usr/share/datasets/fashion-mnist

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

const FILES = [
  { source: "train-images-idx3-ubyte.gz", count: 10_000, name: "train-images-10k-idx3-ubyte.gz" },
  { source: "train-labels-idx1-ubyte.gz", count: 10_000, name: "train-labels-10k-idx1-ubyte.gz" },
  { source: "t10k-images-idx3-ubyte.gz", count: 2_000, name: "test-images-2k-idx3-ubyte.gz" },
  { source: "t10k-labels-idx1-ubyte.gz", count: 2_000, name: "test-labels-2k-idx1-ubyte.gz" },
];

/** The first `count` entries of an IDX file: its header with another first size, and as many bytes less. */
function firstEntries(idx: Uint8Array, count: number): Uint8Array {
  const view = new DataView(idx.buffer, idx.byteOffset, idx.byteLength);
  const axes = view.getUint8(3);
  const entry = Array.from({ length: axes - 1 }, (_, i) => view.getUint32(8 + 4 * i));
  const header = 4 + 4 * axes;
  const part = Uint8Array.prototype.slice.call(
    idx,
    0,
    header + entry.reduce((product, size) => product * size, count),
  );
  new DataView(part.buffer).setUint32(4, count);
  return part;
}

const folder = process.argv[2];
if (folder === undefined) {
  console.error("Usage: node scripts/make-subset.ts FOLDER, where the four files of Fashion-MNIST are");
  process.exit(1);
}
for (const { source, count, name } of FILES) {
  const part = firstEntries(gunzipSync(readFileSync(join(folder, source))), count);
  const packed = gzipSync(part, { level: 9 });
  writeFileSync(fileURLToPath(new URL(`../data/${name}`, import.meta.url)), packed);
  console.log(`${name}: ${count} entries, ${packed.length} bytes`);
}
