import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encodeIdx } from "cotangent/data";
import { afterEach, describe, expect, test } from "vitest";
import { cacheFolder, type DownloadOptions, download, FILES } from "../src/download.ts";
import { runDemo, scratchFolder } from "./run.ts";

const scratch = scratchFolder();
const newFolder = (): string => mkdtempSync(join(scratch, "cache-"));

const contents = Buffer.from("the contents of a file ".repeat(4000));
const packed = gzipSync(contents);
const files = { "a.gz": createHash("sha256").update(contents).digest("hex") };

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server on this machine, and the addresses that it was asked for. */
async function serve(answer: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`, asked };
}

const fetchInto = (folder: string, baseUrl: string, more: Partial<DownloadOptions> = {}): Promise<string> =>
  download({ baseUrl, folder, files, ...more });

describe("a download", () => {
  test("is kept when it is right, and not fetched again", async () => {
    const { url, asked } = await serve((_request, response) => response.end(packed));
    const folder = newFolder();
    const said: string[] = [];
    expect(await fetchInto(folder, url, { say: (text) => said.push(text) })).toBe(folder);
    expect(readFileSync(join(folder, "a.gz"))).toEqual(packed);
    expect(asked).toEqual(["/files/a.gz"]);
    expect(said).toEqual([`Downloading ${url}/a.gz ...`]);
    await fetchInto(folder, url);
    expect(asked).toHaveLength(1);
  });

  test("replaces a file in the cache that is damaged", async () => {
    const { url, asked } = await serve((_request, response) => response.end(packed));
    const folder = newFolder();
    writeFileSync(join(folder, "a.gz"), packed.subarray(0, 100));
    await fetchInto(folder, url);
    expect(asked).toHaveLength(1);
    expect(readFileSync(join(folder, "a.gz"))).toEqual(packed);
  });

  const short: RequestListener = (_request, response) => {
    response.setHeader("content-length", packed.length);
    response.write(packed.subarray(0, packed.length / 2), () => response.destroy());
  };
  const cases: [string, RequestListener, RegExp][] = [
    [
      "with the wrong checksum",
      (_request, response) => response.end(gzipSync("something else")),
      /a\.gz has the wrong checksum: SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}\. Nothing was kept/,
    ],
    ["that breaks off", short, /a\.gz could not be downloaded: .*cut short.*--data/],
    [
      "that ends too early without saying so",
      (_request, response) => response.end(packed.subarray(0, packed.length - 20)),
      /a\.gz is cut short\. Nothing was kept/,
    ],
    [
      "that is a page of HTML",
      (_request, response) => response.end("<html>Please log in</html>"),
      /a\.gz is no gzip file/,
    ],
    [
      "that is not there",
      (_request, response) => response.writeHead(404).end(),
      /could not be downloaded: the server answered 404 Not Found.*--data/,
    ],
    [
      "that never comes",
      (_request, response) => void response.write(packed.subarray(0, 10)),
      /could not be downloaded: nothing came for 0\.2 s/,
    ],
  ];
  test.each(cases)("%s is refused, and nothing is kept", async (_name, answer, message) => {
    const { url } = await serve(answer);
    const folder = newFolder();
    await expect(fetchInto(folder, url, { stallMilliseconds: 200 })).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("without a network says so, and what to do", async () => {
    const { url } = await serve(() => {});
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    await expect(fetchInto(newFolder(), url)).rejects.toThrow(
      /could not be downloaded: .*ECONNREFUSED.*Without a network leave --download out/,
    );
  });

  test("goes to the user's folder for caches", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/caches" })).toBe(join("/caches", "cotangent", "fashion-mnist"));
  });
});

describe("the program", () => {
  test("refuses files that are not Fashion-MNIST", async () => {
    const fake = gzipSync(encodeIdx({ type: "uint8", shape: [4], data: [0, 1, 2, 3] }));
    const { url } = await serve((_request, response) => response.end(fake));
    const folder = newFolder();
    const { code, err } = await runDemo(["--download", "--data", folder, "--base-url", url]);
    expect(code).toBe(1);
    expect(err).toMatch(/train-images-idx3-ubyte\.gz has the wrong checksum/);
    expect(err).toContain(FILES["train-images-idx3-ubyte.gz"]);
    expect(err).not.toContain("    at ");
  });
});
