import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixture } from "./helpers.ts";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// A bundle in a folder from which no package can be found, as in a program that did not install sharp.
let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "cotangent-without-sharp-"));
  await build({
    entryPoints: [source("../src/index.ts")],
    alias: { "@cotangent/core": source("../../core/src/index.ts") },
    bundle: true,
    ignoreAnnotations: true, // "sideEffects" in package.json speaks of built files
    platform: "node",
    format: "esm",
    outfile: join(dir, "data.mjs"),
    logLevel: "silent",
  });
});
afterAll(() => rm(dir, { recursive: true }));

async function run(program: string): Promise<string> {
  const main = join(dir, "main.mjs");
  await writeFile(main, `import * as data from "./data.mjs";\n${program}`);
  return (await promisify(execFile)(process.execPath, [main])).stdout.trim();
}

test("files are decoded by the portable decoders", async () => {
  const path = join(dir, "photo.jpg");
  await writeFile(path, fixture("progressive-420.jpg"));
  const shape = await run(`console.log((await data.loadImage(${JSON.stringify(path)})).shape.join());`);
  expect(shape).toBe("21,37,3");
});

test("asking for sharp says how to get it", async () => {
  const program =
    'data.decodeImage(new Uint8Array([137, 80]), { decoder: "sharp" }).catch((e) => console.log(e.message))';
  expect(await run(program)).toBe("decodeImage: image: it is neither PNG nor JPEG (it begins with 89 50)");
  const png = Array.from(fixture("rgb.png")).join();
  const message = await run(
    `data.decodeImage(Uint8Array.of(${png}), { decoder: "sharp" }).catch((e) => console.log(e.message))`,
  );
  expect(message).toBe(
    'decodeImage: sharp is not installed or does not run here. Install it (npm install sharp), or choose { decoder: "portable" }.',
  );
});
