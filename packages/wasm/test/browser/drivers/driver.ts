import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A browser that opens pages. */
export interface Driver {
  /** Opens a page in a tab of its own; gives what it leaves in `globalThis.report`, as JSON. */
  open(url: string): Promise<string>;
  close(): Promise<void>;
}

/** A browser that may be there. */
export interface BrowserKind {
  readonly name: string;
  /** What to install where it is missing. */
  readonly packages: string;
  isInstalled(): boolean;
  launch(): Promise<Driver>;
}

/** What pages are asked for. */
export const REPORT = "Promise.resolve(globalThis.report).then((report) => JSON.stringify(report))";

/** The first of these programs on the PATH. */
export function findProgram(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** A program that runs until it is stopped, with a home of its own, which is removed then. */
export interface Running {
  readonly child: ChildProcess;
  /** Waits for a line of its output. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

export function start(
  program: string,
  args: (home: string) => readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const home = mkdtempSync(join(tmpdir(), "cotangent-home-"));
  const child = spawn(program, args(home), {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, ...env },
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      for (const listener of listeners) listener();
    });
  }
  return {
    child,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output);
          if (match !== null) resolve(match);
        };
        listeners.add(look);
        look();
        child.on("error", reject);
        child.on("exit", (code) => reject(new Error(`${program} ended with code ${code}: ${output}`)));
      }),
    async stop() {
      const ended = once(child, "exit");
      if (child.exitCode === null && child.kill()) await ended;
      // A browser's helpers may still write there for a moment.
      rmSync(home, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
