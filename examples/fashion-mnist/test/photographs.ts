import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import sharp from "sharp";

const data = (name: string): Buffer =>
  gunzipSync(readFileSync(fileURLToPath(new URL(`../data/${name}`, import.meta.url))));

/** Numbers of [0, 1) that are the same every time (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface PhotographOptions {
  /** How many, of all ten classes alike. */
  readonly count: number;
  /** Give every picture a class that is drawn at random. */
  readonly shuffledLabels?: boolean;
  readonly seed: number;
}

/** Writes Fashion-MNIST images as PNG and JPEG files of random sizes and aspect ratios, into a folder for each class. */
export async function writePhotographs(
  folder: string,
  { count, shuffledLabels = false, seed }: PhotographOptions,
): Promise<void> {
  const images = data("train-images-10k-idx3-ubyte.gz").subarray(16);
  const labels = data("train-labels-10k-idx1-ubyte.gz").subarray(8);
  const draw = random(seed);
  const between = (low: number, high: number): number => Math.round(low + draw() * (high - low));
  const chosen = Array.from({ length: 10 }, (_, label) =>
    [...labels.keys()].filter((i) => labels[i] === label),
  ).flatMap((indices) => indices.slice(0, count / 10));
  const written = chosen.map((i) => labels[i] as number);
  if (shuffledLabels) {
    for (let i = written.length - 1; i > 0; i--) {
      const j = between(0, i);
      [written[i], written[j]] = [written[j] as number, written[i] as number];
    }
  }
  for (const [place, index] of chosen.entries()) {
    const classFolder = join(folder, `class${written[place]}`);
    mkdirSync(classFolder, { recursive: true });
    // The article keeps its proportions; black borders make the picture wider or higher.
    const side = between(60, 300);
    const [more, wider] = [between(0, side / 2), draw() < 0.5];
    const [width, height] = wider ? [side + more, side] : [side, side + more];
    const raw = { width: 28, height: 28, channels: 1 } as const;
    const picture = sharp(images.subarray(index * 784, (index + 1) * 784), { raw }).resize(width, height, {
      fit: "contain",
      background: "black",
    });
    const isPng = place % 2 === 0;
    const bytes = await (isPng ? picture.png() : picture.jpeg({ quality: 90 })).toBuffer();
    writeFileSync(join(classFolder, `${place}.${isPng ? "png" : "jpg"}`), bytes);
  }
}
