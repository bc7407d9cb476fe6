import { EngineError } from "@cotangent/core";
import { type MemoryLimits, ModuleBuilder } from "../assemble/index.ts";
import { REPORT, RunFailure } from "./failure.ts";
import type { Heap } from "./heap.ts";
import { clock, host, type WasmTable } from "./host.ts";
import { Command, FAILED, Mailbox, Meeting, mailboxOf, ROSTER } from "./layout.ts";
import { ModuleLog } from "./moduleLog.ts";
import { type Exports, instantiate } from "./modules.ts";
import { type SpawnedWorker, spawn } from "./spawn.ts";
import { addTeam, CLOCK, JOIN, Outcome, RUN_TOGETHER } from "./team.ts";
import { KERNEL } from "./walker.ts";
import type { WorkerStart } from "./workerSource.ts";

export interface CrewOptions {
  readonly heap: Heap;
  readonly memory: object;
  readonly limits: MemoryLimits;
  /** The main thread's. */
  readonly table: WasmTable;
  /** Threads in all, the main one among them. */
  readonly threads: number;
  /** Milliseconds without progress after which a run fails. */
  readonly timeLimit: number;
  readonly workerUrl: string | URL | undefined;
}

/** Threads of a machine, as it is at present. */
export interface CrewStats {
  /** Workers that were started and are not lost. */
  readonly workers: number;
  /** Workers that take part in the next parallel run: those that have compiled all modules. */
  readonly helpers: number;
  /** Runs that workers took part in. */
  readonly parallelRuns: number;
  /** Why workers were lost or never came. */
  readonly losses: readonly string[];
}

/** What the main thread calls of the team's module. */
interface Team extends Exports {
  readonly [RUN_TOGETHER]: (list: number, helpers: number, scratch: number, sleep: boolean) => number;
  readonly [JOIN]: (helpers: number, sleep: boolean, start: number, limit: number) => number;
}

interface Member {
  readonly number: number;
  readonly mailbox: number;
  readonly worker: SpawnedWorker;
  /** Whether it has ever been ready for a run. */
  wasReady: boolean;
  scratch: number;
}

/** Milliseconds that threads have for leaving a run that has failed since one was late. */
const GRACE_MS = 1000;

/**
 * The workers of a machine. They are started by the first run that asks for them, and are waited for by nobody: a run takes
 * along those that have compiled everything by now. Who is lost is not replaced.
 */
export class Crew {
  private members: Member[] = [];
  private roster: readonly Member[] = [];
  private started = false;
  /** Whether all members are on the roster, so that nobody need be asked again. */
  private complete = false;
  private log: ModuleLog | undefined;
  private scratchBytes = 0;
  /** What the next run throws. */
  private failure: EngineError | undefined;
  private parallelRuns = 0;
  private readonly losses: string[] = [];
  private readonly maySleep = maySleep();
  /** The main thread's functions of the team's module, as soon as the workers are started. */
  private team: Team | undefined;

  constructor(private readonly options: CrewOptions) {}

  /** Threads that runs may use from now on, the main one among them. */
  get threads(): number {
    return this.started ? 1 + this.members.length : this.options.threads;
  }

  get hasStarted(): boolean {
    return this.started;
  }

  /** Starts the workers, with what has been compiled so far. */
  start(modules: WorkerStart["modules"]): void {
    this.started = true;
    const { heap, memory, limits, table, threads, timeLimit, workerUrl } = this.options;
    try {
      this.log = new ModuleLog(heap);
      this.meetAnew();
      heap.views.f64[Command.limit / 8] = timeLimit;
      const team = assembleTeam(limits);
      this.team = instantiate(team, { memory, table, [CLOCK]: clock }) as Team;
      for (let number = 0; number < threads - 1; number++) {
        const mailbox = mailboxOf(number);
        const { address: logEntry, generation } = this.log.last;
        const start = { memory, team, modules, mailbox, logEntry, generation };
        const onEnd = (reason: string): void => this.ended(number, reason);
        const worker = spawn({ url: workerUrl, start, onEnd });
        if (worker === undefined) {
          this.losses.push("the host starts no workers");
          break;
        }
        this.members.push({ number, mailbox, worker, wasReady: false, scratch: 0 });
      }
      this.ensureScratch(this.scratchBytes);
    } catch (error) {
      // There is no room for workers; one thread needs no more than it has.
      for (const member of this.members) this.lose(member, (error as Error).message);
    }
  }

  /** Tells the workers of a module, with the slots that were emptied and those that its exports have. */
  announce(removed: readonly number[], added: readonly number[], bytes: Uint8Array): void {
    if (this.log === undefined || this.members.length === 0) return;
    this.log.append(removed, added, bytes);
    this.complete = false;
    const words = this.words;
    const letter = (words[Command.number / 4] + 2) & ~1;
    words[Command.number / 4] = letter;
    for (const { mailbox } of this.members) {
      Atomics.store(words, mailbox / 4, letter);
      if (Atomics.load(words, (mailbox + Mailbox.asleep) / 4) === 1) Atomics.notify(words, mailbox / 4);
    }
  }

  /**
   * How many workers can take part in a run now, or in so many milliseconds if there are some that are on their way: those that
   * were ready before and have been told of another module. Throws what has happened to workers since the last run.
   */
  muster(patience = 0): number {
    if (this.failure !== undefined) {
      const { failure } = this;
      this.failure = undefined;
      throw failure;
    }
    if (!this.complete) this.ask();
    if (!this.complete && patience > 0) {
      const end = clock() + patience;
      while (!this.complete && this.members.some(({ wasReady }) => wasReady) && clock() < end) this.ask();
    }
    return this.roster.length;
  }

  /** Runs a list with the workers that `muster` has counted. */
  run(list: number, scratch: number): void {
    this.parallelRuns++;
    let outcome: number = Outcome.failed;
    let trap: unknown;
    try {
      outcome = (this.team as Team)[RUN_TOGETHER](list, this.roster.length, scratch, this.maySleep);
      if (outcome === Outcome.done) return;
    } catch (error) {
      trap = error;
      Atomics.store(this.words, FAILED / 4, this.words[Command.number / 4]);
    }
    throw this.clearUp(outcome, trap);
  }

  ensureScratch(bytes: number): void {
    this.scratchBytes = bytes;
    if (bytes === 0) return;
    const { heap } = this.options;
    for (const member of this.members) {
      const larger = heap.allocate(bytes);
      if (member.scratch > 0) heap.free(member.scratch);
      member.scratch = larger;
      this.words[(member.mailbox + Mailbox.scratch) / 4] = larger;
    }
  }

  stats(): CrewStats {
    return {
      workers: this.members.length,
      helpers: this.roster.length,
      parallelRuns: this.parallelRuns,
      losses: [...this.losses],
    };
  }

  dispose(): void {
    this.started = true;
    for (const { worker } of this.members) worker.terminate();
    this.members = [];
    this.writeRoster([]);
    this.complete = true;
  }

  private get words(): Int32Array {
    return this.options.heap.views.i32;
  }

  /** Looks who has compiled everything. */
  private ask(): void {
    if (this.log === undefined) return;
    const { generation } = this.log.last;
    let oldest = generation;
    const ready: Member[] = [];
    for (const member of this.members) {
      const known = Atomics.load(this.words, (member.mailbox + Mailbox.generation) / 4);
      if (known === -1) {
        this.ended(member.number, "");
        continue;
      }
      member.wasReady ||= known > 0;
      // A worker that is still being started reads on from the first entry.
      oldest = Math.min(oldest, known === 0 ? 1 : known);
      if (known === generation) ready.push(member);
    }
    this.log.trim(oldest);
    if (!sameMembers(ready, this.roster)) this.writeRoster(ready);
    this.complete = ready.length === this.members.length;
    if (this.failure !== undefined) this.muster();
  }

  private writeRoster(members: readonly Member[]): void {
    this.roster = members;
    members.forEach(({ mailbox }, rank) => {
      this.words[ROSTER / 4 + rank] = mailbox;
      this.words[(mailbox + Mailbox.rank) / 4] = rank;
    });
    this.words[Command.threads / 4] = members.length + 1;
  }

  /** A fresh place for barriers. */
  private meetAnew(): void {
    const { heap } = this.options;
    const meeting = heap.allocate(Meeting.bytes);
    heap.views.i32.fill(0, meeting / 4, (meeting + Meeting.bytes) / 4);
    this.words[Command.meeting / 4] = meeting;
  }

  /** After a failed run: everybody leaves it, who does not is given up; says what it was. */
  private clearUp(outcome: number, trap: unknown): RunFailure {
    const timeLimit = this.options.heap.views.f64[Command.limit / 8];
    const limit = outcome === Outcome.late ? Math.min(timeLimit, GRACE_MS) : timeLimit;
    (this.team as Team)[JOIN](this.roster.length, this.maySleep, clock(), limit);
    const number = this.words[Command.number / 4];
    const isIn = (member: Member, field: number): boolean =>
      Atomics.load(this.words, (member.mailbox + field) / 4) === number;
    const missing = this.roster.filter((member) => !isIn(member, Mailbox.finished));
    const failed = this.roster.filter((member) => isIn(member, Mailbox.textNumber));
    const late = `it did not answer for ${timeLimit / 1000} s`;
    const messages = [
      ...(trap === undefined ? [] : [`a kernel failed: ${messageOf(trap)}`]),
      ...failed.map((member) => `a kernel failed on thread ${member.number + 1}: ${this.textOf(member)}`),
      ...missing.map((member) => `thread ${member.number + 1} was given up: ${late}`),
    ];
    if (missing.length > 0) {
      for (const member of missing) this.lose(member, late);
      // The block is not used again, nor is the scratch of who was given up: it may still be on its way there.
      this.meetAnew();
    }
    const kernelFailed = trap !== undefined || failed.length > 0;
    return new RunFailure(messages.join("; ") || late, {
      operation: "run",
      remedy: kernelFailed ? REPORT : this.goesOn(),
      cause: trap,
    });
  }

  /** A worker has failed or ended by itself, or was ended by others. */
  private ended(number: number, reason: string): void {
    const member = this.members.find((one) => one.number === number);
    if (member === undefined) return;
    const known = Atomics.load(this.words, (member.mailbox + Mailbox.generation) / 4);
    const cause = known === -1 ? `it could not compile a module: ${this.textOf(member)}` : reason;
    this.lose(member, cause);
    if (member.scratch > 0) this.options.heap.free(member.scratch);
    // Where workers cannot be started at all, there is one thread, and nothing has failed.
    if (!member.wasReady) return;
    this.failure = new EngineError(`thread ${number + 1} was lost: ${cause}`, {
      operation: "run",
      remedy: this.goesOn(),
    });
  }

  private lose(member: Member, reason: string): void {
    this.members = this.members.filter((one) => one !== member);
    this.losses.push(reason);
    this.complete = false;
    if (this.roster.includes(member)) this.writeRoster(this.roster.filter((one) => one !== member));
    member.worker.terminate();
  }

  private goesOn(): string {
    const threads = this.threads === 1 ? "one thread" : `${this.threads} threads`;
    return `Run it again: the engine goes on with ${threads}.`;
  }

  private textOf({ mailbox }: Member): string {
    const length = Atomics.load(this.words, (mailbox + Mailbox.textLength) / 4);
    const from = mailbox + Mailbox.text;
    // Copied: browsers do not decode shared memory.
    return new TextDecoder().decode(this.options.heap.views.u8.slice(from, from + length));
  }
}

/** The module by which several threads run one list. It is valid only where memory is shared. */
function assembleTeam(limits: MemoryLimits): Uint8Array {
  const module = new ModuleBuilder(limits, true);
  addTeam(module, KERNEL);
  return module.finish();
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const sameMembers = (a: readonly Member[], b: readonly Member[]): boolean =>
  a.length === b.length && a.every((member, i) => member === b[i]);

/** Whether this thread may sleep until memory changes; the main thread of a browser may not. */
function maySleep(): boolean {
  const { SharedArrayBuffer: Shared } = host();
  if (Shared === undefined) return false;
  try {
    // The word is 0 and not 1, so this returns at once where it is allowed.
    Atomics.wait(new Int32Array(new Shared(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
