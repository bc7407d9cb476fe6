import { FAILED, LogEntry, Mailbox } from "./layout.ts";
import { CLOCK, SERVE } from "./team.ts";

/** What a worker gets as its first and only message. */
export interface WorkerStart {
  readonly memory: object;
  /** The module by which threads run lists together. */
  readonly team: Uint8Array;
  /** What was added before the worker was started, with the indices of its functions in the table. */
  readonly modules: readonly { readonly bytes: Uint8Array; readonly indices: readonly number[] }[];
  /** Address of its mailbox. */
  readonly mailbox: number;
  /** Address and number of the entry of the module log from which it reads on. */
  readonly logEntry: number;
  readonly generation: number;
}

/**
 * The program of a worker, as text: a function's own text would do only until a bundler renames what it refers to or a
 * coverage tool adds counters. It instantiates what the main thread has instantiated, at the same indices of its own
 * table, then stays in the loop of the walker for ever, and comes out for modules and traps only. It never
 * returns to its event loop, so all else reaches it through memory.
 */
export const workerSource = `"use strict";
(() => {
  const node = globalThis.process?.getBuiltinModule?.("worker_threads");

  const start = ({ memory, team, modules, mailbox, logEntry, generation }) => {
    const word = (offset) => (mailbox + offset) >> 2;
    const words = () => new Int32Array(memory.buffer);

    const say = (error, number) => {
      const text = new TextEncoder().encode(String(error?.message ?? error)).subarray(0, ${Mailbox.textBytes});
      new Uint8Array(memory.buffer).set(text, mailbox + ${Mailbox.text});
      Atomics.store(words(), word(${Mailbox.textLength}), text.length);
      Atomics.store(words(), word(${Mailbox.textNumber}), number);
    };

    const table = new WebAssembly.Table({ initial: 64, element: "anyfunc" });
    const env = { memory, table, ${JSON.stringify(CLOCK)}: () => performance.now() };
    const instantiate = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports;
    const add = (bytes, indices) => {
      Object.values(instantiate(bytes)).forEach((one, i) => {
        while (indices[i] >= table.length) table.grow(table.length);
        table.set(indices[i], one);
      });
    };

    const readLog = () => {
      for (;;) {
        const next = Atomics.load(words(), (logEntry + ${LogEntry.next}) >>> 2) >>> 0;
        if (next === 0) return;
        logEntry = next;
        const at = (offset) => words()[(logEntry + offset) >>> 2];
        const [removed, added] = [at(${LogEntry.removed}), at(${LogEntry.added})];
        const from = logEntry + ${LogEntry.indices};
        const indices = new Int32Array(memory.buffer, from, removed + added).slice();
        for (const index of indices.subarray(0, removed)) if (index < table.length) table.set(index, null);
        // Copied: hosts do not compile bytes that another thread could change.
        const bytes = new Uint8Array(memory.buffer, from + 4 * (removed + added), at(${LogEntry.byteLength})).slice();
        add(bytes, indices.subarray(removed));
        generation++;
      }
    };

    let last = Atomics.load(words(), word(${Mailbox.mail}));
    try {
      const { ${JSON.stringify(SERVE)}: serve } = instantiate(team);
      for (const { bytes, indices } of modules) add(bytes, indices);
      for (;;) {
        readLog();
        Atomics.store(words(), word(${Mailbox.generation}), generation);
        try {
          last = serve(mailbox, last);
        } catch (error) {
          // A kernel has failed. The letter is still the one of that run: the next one is not sent before "finished".
          last = Atomics.load(words(), word(${Mailbox.mail}));
          say(error, last);
          Atomics.store(words(), ${FAILED / 4}, last);
          Atomics.store(words(), word(${Mailbox.finished}), last);
          Atomics.notify(words(), word(${Mailbox.finished}));
        }
      }
    } catch (error) {
      say(error, 0);
      Atomics.store(words(), word(${Mailbox.generation}), -1);
    }
  };

  if (node?.parentPort) node.parentPort.once("message", start);
  else globalThis.onmessage = (event) => start(event.data);
})();
`;
