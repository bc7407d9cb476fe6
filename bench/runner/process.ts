import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { confined, type PeerSpec, threadVariables } from "./peers.ts";
import type { Failed, Hello, NotSupported, Prepared, Ran, Request } from "./protocol.ts";

/** A peer does not answer, has died, or reports a mistake. */
export class PeerError extends Error {}

/** A peer has nothing for the line. */
export class PeerCannot extends Error {}

/** What a peer wrote on stderr is shown with its errors: the last lines of it. */
const LAST_LINES = 12;

/** A running peer: it works while a request is open and is blocked on its stdin otherwise. */
export class PeerProcess {
  readonly spec: PeerSpec;
  private readonly child: ChildProcess;
  private readonly timeoutMs: number;
  private readonly stderr: string[] = [];
  /** Takes the next message, or the reason why there is none. */
  private waiting: { resolve(message: unknown): void; reject(error: Error): void } | undefined;
  private ended: string | undefined;

  private constructor(spec: PeerSpec, timeoutMs: number) {
    this.spec = spec;
    this.timeoutMs = timeoutMs;
    const [program, ...args] = confined(spec.command);
    this.child = spawn(program, args, {
      env: { ...process.env, ...threadVariables, ...spec.variables },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const { stdin, stdout, stderr } = this.child;
    if (stdin === null || stdout === null || stderr === null) throw new PeerError("no pipes");
    // A peer that dies while it is written to is reported by its end.
    stdin.on("error", () => {});
    createInterface({ input: stdout }).on("line", (line) => {
      if (line.startsWith("{")) this.settle((waiting) => waiting.resolve(JSON.parse(line)));
    });
    createInterface({ input: stderr }).on("line", (line) => {
      this.stderr.push(line);
      if (this.stderr.length > LAST_LINES) this.stderr.shift();
    });
    this.child.on("error", (error) => this.end(`cannot be started: ${error.message}`));
    this.child.on("close", (code, signal) => this.end(`ended (${signal ?? `exit code ${code}`})`));
  }

  /** Starts a peer and waits for its hello. @throws PeerError when there is none */
  static async start(spec: PeerSpec, timeoutMs: number): Promise<{ peer: PeerProcess; hello: Hello }> {
    const peer = new PeerProcess(spec, timeoutMs);
    try {
      return { peer, hello: (await peer.receive(timeoutMs)) as Hello };
    } catch (error) {
      await peer.stop();
      throw error;
    }
  }

  prepare(request: Omit<Extract<Request, { do: "prepare" }>, "do">): Promise<Prepared> {
    return this.ask({ do: "prepare", ...request }, this.timeoutMs);
  }

  /** @param expectedMs how long it should take, to which the time limit is added */
  run(request: Omit<Extract<Request, { do: "run" }>, "do">, expectedMs: number): Promise<Ran> {
    return this.ask({ do: "run", ...request }, this.timeoutMs + expectedMs);
  }

  /** Milliseconds of processor time so far, of all its threads; undefined where that cannot be read. */
  processorMs(): number | undefined {
    if (process.platform !== "linux" || this.child.pid === undefined) return undefined;
    try {
      // The program's name, in parentheses, may hold spaces; user and system time follow in ticks of 10 ms.
      const text = readFileSync(`/proc/${this.child.pid}/stat`, "utf8");
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return 10 * (Number(fields[11]) + Number(fields[12]));
    } catch {
      return undefined;
    }
  }

  /** Ends the process and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.ended !== undefined) return;
    const gone = new Promise((resolve) => this.child.once("close", resolve));
    this.child.stdin?.end();
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 2000);
    await gone;
    clearTimeout(timer);
  }

  /** @throws PeerError, or PeerCannot when the peer has nothing for the line */
  private async ask<T extends Prepared | Ran>(request: Request, timeoutMs: number): Promise<T> {
    const answer = this.receive(timeoutMs);
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
    const reply = (await answer) as T | Failed | NotSupported;
    if ("error" in reply) throw new PeerError(reply.error);
    if ("unsupported" in reply) throw new PeerCannot(reply.unsupported);
    return reply;
  }

  private receive(timeoutMs: number): Promise<unknown> {
    if (this.ended !== undefined) return Promise.reject(new PeerError(this.ended));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.settle((waiting) => waiting.reject(new PeerError(`no answer after ${timeoutMs / 1000} s`)));
        this.child.kill("SIGKILL");
      }, timeoutMs);
      const done = () => clearTimeout(timer);
      this.waiting = {
        resolve(message) {
          done();
          resolve(message);
        },
        reject(error) {
          done();
          reject(error);
        },
      };
    });
  }

  private settle(how: (waiting: NonNullable<typeof this.waiting>) => void): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) how(waiting);
  }

  private end(reason: string): void {
    this.ended ??= [reason, ...this.stderr].join("\n");
    const error = new PeerError(this.ended);
    this.settle((waiting) => waiting.reject(error));
  }
}
