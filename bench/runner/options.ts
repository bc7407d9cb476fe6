import { parseArgs } from "node:util";
import { ISAS, type Isa } from "./peers.ts";

export interface Options {
  /** Names of lines, or beginnings of names; all when empty. */
  readonly only: readonly string[];
  /** Names of peers; all when empty. */
  readonly peers: readonly string[];
  readonly rounds: number;
  /** Milliseconds of a peer's turn in a round. */
  readonly roundMs: number;
  readonly warmUpMs: number;
  /** Milliseconds after which a peer that does not answer is given up. */
  readonly timeoutMs: number;
  readonly json: string | undefined;
  /** The instruction set that native peers are held to, or all that the processor has. */
  readonly isa: Isa | undefined;
  readonly quick: boolean;
  readonly writeDocs: boolean;
}

export type Command =
  | { readonly do: "run"; readonly options: Options }
  | { readonly do: "help" }
  | { readonly do: "list" };

/** What the user must hear about the options: shown without a stack. */
export class OptionError extends Error {}

export const usage = `npm run bench -- [options]

  --only NAMES      lines, or beginnings of their names, separated by commas: --only mlp,matmul
  --peers NAMES     peers, separated by commas: --peers cotangent,torch
  --rounds N        how often each peer has its turn (5; with --quick 2)
  --timeout SECONDS after which a peer that does not answer is given up (180)
  --quick           short turns, few rounds, no heavy lines: to see that it works, not to measure
  --isa avx2        holds PyTorch, JAX and NumPy to AVX2, on processors that have more (AVX-512)
  --json FILE       writes the results, each round's summary included, to a file
  --write-docs      puts the table, the machine and the date into docs/performance.md
  --list            lists lines and peers
  --help

Python peers run in the interpreter named by COTANGENT_PYTHON, else in python3, as far as it has torch, jax, numpy.`;

interface Known {
  readonly lines: readonly string[];
  readonly peers: readonly string[];
}

/**
 * Reads the command line.
 * @throws OptionError for options that are unknown or make no sense
 */
export function parseOptions(args: readonly string[], known: Known): Command {
  const values = read(args);
  if (values.help) return { do: "help" };
  if (values.list) return { do: "list" };
  const quick = values.quick ?? false;
  const only = names(values.only, "--only");
  const peers = names(values.peers, "--peers");
  for (const name of only) {
    if (!known.lines.some((line) => line.startsWith(name))) throw unknown("line", name, known.lines);
  }
  for (const name of peers) if (!known.peers.includes(name)) throw unknown("peer", name, known.peers);
  const writeDocs = values["write-docs"] ?? false;
  if (writeDocs && (quick || only.length > 0 || peers.length > 0)) {
    throw new OptionError(
      "--write-docs publishes figures of all lines and peers: leave out --quick, --only and --peers",
    );
  }
  const options: Options = {
    only,
    peers,
    rounds: wholeNumber(values.rounds, "--rounds", quick ? 2 : 5),
    roundMs: quick ? 60 : 400,
    warmUpMs: quick ? 200 : 1000,
    timeoutMs: 1000 * wholeNumber(values.timeout, "--timeout", 180),
    json: values.json,
    isa: isaOf(values.isa),
    quick,
    writeDocs,
  };
  return { do: "run", options };
}

function read(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      // `npm run bench -- --quick` drops the two hyphens, `pnpm bench -- --quick` passes them on.
      args: args.filter((arg) => arg !== "--"),
      options: {
        only: { type: "string" },
        peers: { type: "string" },
        rounds: { type: "string" },
        timeout: { type: "string" },
        json: { type: "string" },
        isa: { type: "string" },
        quick: { type: "boolean" },
        "write-docs": { type: "boolean" },
        list: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (error) {
    throw new OptionError(`${(error as Error).message}\n\n${usage}`);
  }
}

function names(value: string | undefined, option: string): string[] {
  if (value === undefined) return [];
  const list = value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (list.length === 0) throw new OptionError(`${option} needs names, separated by commas`);
  return list;
}

function isaOf(value: string | undefined): Isa | undefined {
  if (value === undefined || (ISAS as readonly string[]).includes(value)) return value as Isa | undefined;
  throw unknown("instruction set", value, ISAS);
}

function wholeNumber(value: string | undefined, option: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw new OptionError(`${option} must be a whole number of at least 1, got "${value}"`);
  }
  return number;
}

function unknown(what: string, name: string, all: readonly string[]): OptionError {
  return new OptionError(`there is no ${what} "${name}"; there are: ${all.join(", ")}`);
}
