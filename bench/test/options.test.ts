import { describe, expect, test } from "vitest";
import { lines } from "../lines/index.ts";
import { chooseLines } from "../runner/choose.ts";
import { OptionError, type Options, parseOptions } from "../runner/options.ts";
import { peers } from "../runner/peers.ts";

const known = { lines: lines.map(({ name }) => name), peers: peers.map(({ name }) => name) };

function options(...args: string[]): Options {
  const command = parseOptions(args, known);
  if (command.do !== "run") throw new Error(`expected options, got ${command.do}`);
  return command.options;
}

describe("the options", () => {
  test("have defaults", () => {
    expect(options()).toMatchObject({ only: [], peers: [], rounds: 5, quick: false, writeDocs: false });
  });

  test("are shorter with --quick, unless they are given", () => {
    expect(options("--quick").rounds).toBe(2);
    expect(options("--quick").roundMs).toBeLessThan(options().roundMs);
    expect(options("--quick", "--rounds", "7").rounds).toBe(7);
  });

  test("take lists of names", () => {
    expect(options("--only", "matmul, mlp").only).toEqual(["matmul", "mlp"]);
    expect(options("--peers=tfjs,torch").peers).toEqual(["tfjs", "torch"]);
  });

  test("hold native peers to an instruction set", () => {
    expect(options().isa).toBeUndefined();
    expect(options("--isa", "avx2").isa).toBe("avx2");
  });

  test("may follow two hyphens, as pnpm passes them on", () => {
    expect(options("--", "--quick").quick).toBe(true);
  });

  test.each([
    [["--only", "nothing"], 'there is no line "nothing"; there are: mlp-'],
    [["--isa", "sse9"], 'there is no instruction set "sse9"; there are: avx2'],
    [["--peers", "keras"], 'there is no peer "keras"; there are: cotangent,'],
    [["--only", ","], "--only needs names"],
    [["--rounds", "0"], '--rounds must be a whole number of at least 1, got "0"'],
    [["--rounds", "2.5"], "--rounds must be a whole number"],
    [["--timeout", "soon"], "--timeout must be a whole number"],
    [["--fast"], "Unknown option '--fast'"],
    [["mlp"], "Unexpected argument 'mlp'"],
    [["--write-docs", "--quick"], "leave out --quick"],
  ])("%j is refused", (args, message) => {
    expect(() => parseOptions(args, known)).toThrow(OptionError);
    expect(() => parseOptions(args, known)).toThrow(message);
  });
});

describe("the lines chosen", () => {
  const names = (only: readonly string[], quick = false) =>
    chooseLines(lines, { only, quick }).map(({ name }) => name);

  test("are all of them, or those of a name, or of a beginning", () => {
    expect(names([])).toEqual(known.lines);
    expect(names(["matmul"])).toEqual(["matmul"]);
    expect(names(["matm"])).toEqual(["matmul", "matmul-float64"]);
  });

  test("stay in the order of the report", () => {
    expect(names(["matmul", "elementwise"])).toEqual(["elementwise-grad", "matmul"]);
  });

  test("are without the heavy ones in a quick run, unless named in full", () => {
    expect(names(["mlp"], true)).not.toContain("mlp-150528-64-64-10-b32");
    expect(names(["mlp-150528-64-64-10-b32"], true)).toEqual(["mlp-150528-64-64-10-b32"]);
    expect(() => names(["mlp-150528"], true)).toThrow("nothing is left");
  });
});

test("names of lines and peers are unique", () => {
  for (const all of [known.lines, known.peers]) expect(new Set(all).size).toBe(all.length);
});
