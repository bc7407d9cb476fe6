import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { fixture } from "./helpers.ts";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What browsers have and this test needs: no process, no modules, no file system. */
const sandbox = createContext({ console, TextEncoder, TextDecoder, performance, queueMicrotask, crypto });
let code = "";

beforeAll(async () => {
  const { outputFiles, warnings } = await build({
    entryPoints: [source("../src/index.ts")],
    alias: { "@cotangent/core": source("../../core/src/index.ts") },
    bundle: true,
    ignoreAnnotations: true, // "sideEffects" in package.json speaks of built files
    minify: true,
    platform: "browser",
    format: "iife",
    globalName: "data",
    write: false,
    logLevel: "silent",
  });
  expect(warnings).toEqual([]);
  code = outputFiles[0]?.text ?? "";
  runInContext(code, sandbox);
});

/** Runs a program in the sandbox; `bytes(hex)` makes an array of its own. */
async function run<T>(program: string): Promise<T> {
  const bytes = "const bytes = (hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));";
  return (await runInContext(`(async () => { ${bytes} ${program} })()`, sandbox)) as T;
}

const hex = (name: string) => Buffer.from(fixture(name)).toString("hex");

describe("a browser bundle", () => {
  test("imports no module of Node and leaves sharp alone", () => {
    expect(code).not.toMatch(/import\s*\(?["']/);
    expect(code).not.toContain("libvips");
  });

  test.each(["palette-alpha.png", "progressive-420.jpg"])("decodes %s and makes tensors", async (name) => {
    const shape = await run<number[]>(`
      const x = await data.decodeImage(bytes("${hex(name)}"), { color: "rgb" });
      return [...data.normalize(data.resizeToCover(x, 8), { std: 255 }).shape];`);
    expect(Array.from(shape)).toEqual([8, 8, 3]);
  });

  test("takes bytes of another realm", async () => {
    Object.assign(sandbox, { outside: fixture("rgb.png") });
    expect(await run<number>("return data.decodeImageSync(outside).shape[1];")).toBe(37);
  });

  test.each(["loadImage", "loadIdx", "imageFolder"])(
    "%s says what to do without a file system",
    async (name) => {
      const message = await run<string>(`return data.${name}("a.png").catch((error) => error.message);`);
      expect(message).toBe(
        `${name}: there is no file system here. In a browser fetch the bytes and pass them to decodeImage(bytes) or decodeIdx(bytes).`,
      );
    },
  );
});
