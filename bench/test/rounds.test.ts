import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { FirstLine, IterationLine } from "../lines/line.ts";
import type { PeerSpec } from "../runner/peers.ts";
import { type Log, measureFirst, measureIterations } from "../runner/rounds.ts";

const folder = mkdtempSync(join(tmpdir(), "cotangent-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = fileURLToPath(new URL("fakePeer.ts", import.meta.url));
const log: Log = { progress() {}, note() {}, warn() {} };
const line: IterationLine = {
  name: "fake",
  title: "fake",
  measure: "iteration",
  unit: "us",
  work: { kind: "elementwiseGrad", size: 1 },
};
const settings = { rounds: 2, roundMs: 6, warmUpMs: 0, timeoutMs: 5000 };

/** Peers that note what they do in one file. */
function peers(file: string, behaviours: Record<string, string>): PeerSpec[] {
  return Object.entries(behaviours).map(([name, behaviour]) => ({
    name,
    title: name,
    command: [process.execPath, program, join(folder, file), name, behaviour],
  }));
}

test("peers take turns, and only one works at a time", async () => {
  const { cells } = await measureIterations(line, peers("turns", { a: "", b: "" }), settings, log);
  for (const name of ["a", "b"]) {
    expect(cells[name]).toMatchObject({ value: expect.any(Number), difference: 0, results: [[1]] });
    expect(cells[name]).toHaveProperty("times.rounds", 2);
  }
  const notes = readFileSync(join(folder, "turns"), "utf8").trim().split("\n");
  const workers = notes.map((note) => note.split(" ")[0]);
  // Preparing and two rounds each, in this order and never mixed.
  expect(workers.filter((name, i) => name !== workers[i - 1])).toEqual(["a", "b", "a", "b", "a", "b"]);
  notes.forEach((note, i) => {
    expect(note).toBe(`${workers[i]} ${i % 2 === 0 ? "begins" : "ends"}`);
  });
});

test("a peer that fails, dies, differs or cannot do it leaves the others alone", async () => {
  const behaviours = { a: "", b: "throws", c: "dies", d: "differs", e: "unsupported", f: "changes" };
  const { cells } = await measureIterations(line, peers("failures", behaviours), settings, log);
  expect(cells.a).toHaveProperty("value");
  expect(cells.b).toMatchObject({ error: expect.stringContaining("it went wrong") });
  expect(cells.c).toMatchObject({ error: expect.stringContaining("ended (exit code 3)") });
  expect(cells.d).toMatchObject({ difference: 0.5, results: [[2]] });
  expect(cells.e).toEqual({ unsupported: true });
  expect(cells.f).toMatchObject({ difference: 0.5, results: [[1]] });
});

test("a peer that hangs is given up", async () => {
  const short = { ...settings, timeoutMs: 2000 };
  const { cells } = await measureIterations(line, peers("hangs", { a: "hangs" }), short, log);
  expect(cells.a).toMatchObject({ error: expect.stringContaining("no answer after") });
});

test("a command that is not there is a failure", async () => {
  const spec: PeerSpec = { name: "a", title: "a", command: [join(folder, "nothing")] };
  const { cells } = await measureIterations(line, [spec], settings, log);
  expect(cells.a).toMatchObject({ error: expect.stringContaining("cannot be started") });
});

test("first iterations are made in fresh processes", async () => {
  const first: FirstLine = { ...line, measure: "first", unit: "us" };
  const { cells } = await measureFirst(first, peers("first", { a: "", b: "" }), settings, log);
  expect(cells.a).toHaveProperty("times.iterations", 2);
  const notes = readFileSync(join(folder, "first"), "utf8").trim().split("\n");
  expect(notes.filter((note) => note === "a begins")).toHaveLength(2);
});

test.runIf(process.platform === "linux")("a peer that works while it should wait is reported", async () => {
  const warnings: string[] = [];
  const listening = { ...log, warn: (text: string) => warnings.push(text) };
  const specs = peers("spinning", { a: "spins", b: "" });
  await measureIterations(line, specs, { ...settings, roundMs: 200 }, listening);
  expect(warnings).toContainEqual(
    expect.stringMatching(/^a used \d+ % of a processor while it should wait$/),
  );
  expect(warnings.join()).not.toContain("b used");
});
