import type { Logs } from "../history.ts";
import { formatBar, formatLogs, formatRate, formatSeconds } from "./format.ts";

/** Where progress is written: `process.stdout`, or anything with its `write`. */
export interface ProgressStream {
  /** Appends text. */
  write(text: string): unknown;
  /** A terminal, on which a line can be drawn again. */
  readonly isTTY?: boolean;
  /** Its width in characters: 80 unless known. */
  readonly columns?: number;
}

/** Shows how a training gets on. */
export interface Progress {
  epochBegin(epoch: number): void;
  /** After a step: the means over the epoch so far. */
  step(done: number, logs: Logs): void;
  epochEnd(steps: number, logs: Logs): void;
  /** The training ends, perhaps in the middle of an epoch with an error. */
  close(): void;
}

export interface ProgressOptions {
  readonly epochs: number;
  /** Steps in an epoch, where that is known. */
  readonly steps: number | undefined;
  /** The time in seconds; the clock unless given. */
  readonly now?: () => number;
}

/** Milliseconds between two drawings of a bar, and seconds between two lines within a long epoch. */
const REDRAW_SECONDS = 0.1;
const LINE_SECONDS = 30;

export const seconds = (): number => performance.now() / 1000;

/** Says nothing. */
export const silent: Progress = { epochBegin() {}, step() {}, epochEnd() {}, close() {} };

/** A bar on a terminal, plain lines elsewhere and where the environment variable CI is set. */
export function progressOn(stream: ProgressStream, options: ProgressOptions): Progress {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const inCi = !["", "0", "false", undefined].includes(process?.env?.CI);
  return stream.isTTY && !inCi ? progressBar(stream, options) : progressLines(stream, options);
}

/** The standard output, or the console where there is none. */
export function defaultStream(): ProgressStream {
  const { process } = globalThis as { process?: { stdout?: ProgressStream } };
  if (typeof process?.stdout?.write === "function") return process.stdout;
  return { write: (text) => console.log(text.trimEnd()) };
}

/** What both kinds of progress count. */
class Clock {
  readonly #now: () => number;
  #began = 0;
  #shown = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  begin(): void {
    this.#began = this.#now();
    this.#shown = this.#began;
  }

  get elapsed(): number {
    return this.#now() - this.#began;
  }

  /** True once every so many seconds. */
  isDue(every: number): boolean {
    const now = this.#now();
    if (now - this.#shown < every) return false;
    this.#shown = now;
    return true;
  }

  /** Steps per second, and the time that they took. */
  summary(done: number): string {
    const { elapsed } = this;
    return `${formatRate(done / Math.max(elapsed, 1e-9))}, ${formatSeconds(elapsed)}`;
  }

  /** Steps per second and, where the number of steps is known, the time left. */
  pace(done: number, steps: number | undefined): string {
    const rate = done / Math.max(this.elapsed, 1e-9);
    const left = steps === undefined ? "" : `, ${formatSeconds(Math.max(steps - done, 0) / rate)} left`;
    return formatRate(rate) + left;
  }
}

/** One line that is drawn again and again, and stays when the epoch is over. */
export function progressBar(
  stream: ProgressStream,
  { epochs, steps, now = seconds }: ProgressOptions,
): Progress {
  const clock = new Clock(now);
  let title = "";
  let open = false;
  const draw = (done: number, text: string): void => {
    const count = steps === undefined ? `${done}` : `${done}/${steps}`;
    const columns = stream.columns || 80; // some terminals say 0
    const room = columns - 1 - title.length - count.length - text.length - 4;
    const width = Math.min(room, 30);
    const bar = steps === undefined || width < 5 ? "" : `${formatBar(done / steps, width)} `;
    const line = `${title} ${bar}${count}  ${text}`.slice(0, columns - 1);
    stream.write(`\r${line}\x1b[K`);
    open = true;
  };
  return {
    epochBegin(epoch) {
      clock.begin();
      title = `Epoch ${epoch + 1}/${epochs}`;
    },
    step(done, logs) {
      if (clock.isDue(REDRAW_SECONDS)) draw(done, `${formatLogs(logs)}, ${clock.pace(done, steps)}`);
    },
    epochEnd(done, logs) {
      draw(done, `${formatLogs(logs)}, ${clock.summary(done)}`);
      stream.write("\n");
      open = false;
    },
    close() {
      if (open) stream.write("\n");
      open = false;
    },
  };
}

/** A line for each epoch, and one every half minute in long ones. */
export function progressLines(
  stream: ProgressStream,
  { epochs, steps, now = seconds }: ProgressOptions,
): Progress {
  const clock = new Clock(now);
  let title = "";
  return {
    epochBegin(epoch) {
      clock.begin();
      title = `Epoch ${epoch + 1}/${epochs}`;
    },
    step(done, logs) {
      if (!clock.isDue(LINE_SECONDS)) return;
      const count = steps === undefined ? `${done}` : `${done}/${steps}`;
      stream.write(`${title}, step ${count}: ${formatLogs(logs)}, ${clock.pace(done, steps)}\n`);
    },
    epochEnd(done, logs) {
      stream.write(`${title}: ${formatLogs(logs)}, ${clock.summary(done)}\n`);
    },
    close() {},
  };
}
