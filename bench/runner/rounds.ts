import { setTimeout as sleep } from "node:timers/promises";
import type { FirstLine, IterationLine } from "../lines/line.ts";
import type { Options } from "./options.ts";
import type { PeerSpec } from "./peers.ts";
import { PeerCannot, PeerProcess } from "./process.ts";
import type { Prepared } from "./protocol.ts";
import { type Cell, inUnit, type Row } from "./results.ts";
import { iterationsFor, largestDifference, summarize } from "./statistics.ts";

/** First iterations whose results are compared. More than one for training, whose updates show in later losses. */
const CHECKS = { mlp: 5, cnn: 5 } as const;
/** For the threads of a peer that has just worked to go to sleep: those of OpenBLAS take the longest. */
const SETTLE_MS = 100;
/** More than this part of a processor is too much for a peer that should be waiting. */
const IDLE_SHARE = 0.05;
/** Fresh processes for each peer in lines of first iterations. */
const FRESH = 3;

/** What the runner tells while it works. */
export interface Log {
  /** What happens at the moment. */
  progress(text: string): void;
  /** What stays on the screen. */
  note(text: string): void;
  /** What makes figures doubtful; once for all warnings that are `about` the same. */
  warn(text: string, about?: string): void;
}

/** A peer in a line: a process of its own, in which nothing else has run. */
interface Contender {
  readonly peer: PeerProcess;
  readonly prepared: Prepared;
  readonly iterations: number;
  readonly rounds: number[][];
  /** The result of the last iteration of each round. */
  readonly last: (readonly number[])[];
}

type Settings = Pick<Options, "rounds" | "roundMs" | "warmUpMs" | "timeoutMs">;

/**
 * Measures a line: all peers start and warm up, then they take turns, round after round, so that what changes on the
 * machine in the meantime meets all of them. One works at a time.
 */
export async function measureIterations(
  line: IterationLine,
  specs: readonly PeerSpec[],
  settings: Settings,
  log: Log,
): Promise<Row> {
  const cells: Record<string, Cell> = {};
  const contenders: Contender[] = [];
  try {
    for (const spec of specs) {
      log.progress(`${line.name}: ${spec.name} warms up`);
      const found = await contend(line, spec, settings);
      if ("peer" in found) contenders.push(found);
      else cells[spec.name] = found;
    }
    for (let round = 0; round < settings.rounds; round++) {
      for (const contender of contenders) {
        const { name } = contender.peer.spec;
        if (name in cells) continue;
        log.progress(`${line.name}: round ${round + 1} of ${settings.rounds}, ${name}`);
        const others = contenders.filter((one) => one !== contender).map(({ peer }) => peer);
        try {
          await watchIdle(others, () => turn(contender), log);
        } catch (error) {
          cells[name] = failure(error);
        }
      }
    }
  } finally {
    await Promise.all(contenders.map(({ peer }) => peer.stop()));
  }
  for (const contender of contenders) {
    const { peer, prepared, rounds } = contender;
    if (peer.spec.name in cells) continue;
    const times = summarize(rounds);
    const { results } = prepared;
    const difference = Math.max(
      largestDifference(contenders[0].prepared.results, results),
      change(line, contender),
    );
    cells[peer.spec.name] = { value: inUnit(line, times.median), times, results, difference };
  }
  return { line, cells };
}

/**
 * How far later results are from the first: those of a library that goes wrong once it is warm (compiled again, on more
 * threads) would go unnoticed. Losses change, as they should; they must not have become infinite.
 */
function change({ work }: IterationLine, { prepared, last }: Contender): number {
  if (!(work.kind in CHECKS))
    return Math.max(...last.map((one) => largestDifference(prepared.results, [one])));
  return last.flat().every(Number.isFinite) ? 0 : Number.POSITIVE_INFINITY;
}

/** Measures a line of first iterations: each is made in a process of its own, by turns. */
export async function measureFirst(
  line: FirstLine,
  specs: readonly PeerSpec[],
  settings: Settings,
  log: Log,
): Promise<Row> {
  const cells: Record<string, Cell> = {};
  const times = new Map<string, number[]>(specs.map(({ name }) => [name, []]));
  for (let round = 0; round < Math.min(settings.rounds, FRESH); round++) {
    for (const spec of specs) {
      if (spec.name in cells) continue;
      log.progress(`${line.name}: fresh process ${round + 1}, ${spec.name}`);
      const found = await contend(line, spec, { ...settings, warmUpMs: 0 });
      if ("peer" in found) {
        await found.peer.stop();
        times.get(spec.name)?.push(found.prepared.firstUs);
      } else cells[spec.name] = found;
    }
  }
  for (const [name, all] of times) {
    if (name in cells) continue;
    const summary = summarize(all.map((one) => [one]));
    cells[name] = { value: inUnit(line, summary.median), times: summary };
  }
  return { line, cells };
}

/** Starts a peer and has it prepare the line. */
async function contend(
  { work }: IterationLine | FirstLine,
  spec: PeerSpec,
  { warmUpMs, timeoutMs, roundMs }: Omit<Settings, "rounds">,
): Promise<Contender | Cell> {
  let started: PeerProcess | undefined;
  try {
    const { peer, hello } = await PeerProcess.start(spec, timeoutMs);
    started = peer;
    if ("missing" in hello) throw new Error(`not installed: ${hello.missing}`);
    if (!hello.kinds.includes(work.kind)) throw new PeerCannot(work.kind);
    const checks = work.kind in CHECKS ? CHECKS[work.kind as keyof typeof CHECKS] : 1;
    const prepared = await peer.prepare({ work, checks, warmUpMs });
    await sleep(SETTLE_MS);
    return { peer, prepared, iterations: iterationsFor(prepared.estimateUs, roundMs), rounds: [], last: [] };
  } catch (error) {
    await started?.stop();
    return failure(error);
  }
}

/** A peer's turn: some iterations that fill the caches again, then those that count. */
async function turn({ peer, prepared, iterations, rounds, last }: Contender): Promise<void> {
  const skip = Math.ceil(iterations / 10);
  const expectedMs = (2 * (skip + iterations) * prepared.estimateUs) / 1000;
  const { times, result } = await peer.run({ skip, iterations }, expectedMs);
  rounds.push([...times]);
  last.push(result);
  await sleep(SETTLE_MS);
}

/** Warns of peers that work while it is not their turn: they would take the processors from the one that is measured. */
async function watchIdle(others: readonly PeerProcess[], work: () => Promise<void>, log: Log): Promise<void> {
  const before = others.map((peer) => peer.processorMs());
  const start = performance.now();
  await work();
  const elapsed = performance.now() - start;
  others.forEach((peer, i) => {
    const [from, to] = [before[i], peer.processorMs()];
    if (from === undefined || to === undefined) return;
    // A tick of the clock more or less says nothing.
    const share = Math.max(to - from - 10, 0) / elapsed;
    const { name } = peer.spec;
    if (share > IDLE_SHARE)
      log.warn(`${name} used ${percent(share)} of a processor while it should wait`, name);
  });
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function failure(error: unknown): Cell {
  if (error instanceof PeerCannot) return { unsupported: true };
  return { error: error instanceof Error ? error.message : String(error) };
}
