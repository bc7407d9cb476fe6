import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Question } from "./worker.ts";

/** Workers, each of which is asked one thing at a time. */
export class Team {
  private readonly workers: readonly Worker[];

  constructor(script: URL, size: number) {
    this.workers = Array.from({ length: size }, () => new Worker(script));
  }

  get size(): number {
    return this.workers.length;
  }

  /** Tells every worker the same. */
  async all(question: Question): Promise<void> {
    await Promise.all(this.workers.map((worker) => ask(worker, question)));
  }

  /** Asks the questions one after the other, each of a worker that has nothing to do. */
  async each<T>(questions: readonly Question[], answered: (i: number, answer: T) => void): Promise<void> {
    let next = 0;
    const work = async (worker: Worker): Promise<void> => {
      while (next < questions.length) {
        const i = next++;
        answered(i, await ask<T>(worker, questions[i]));
      }
    };
    await Promise.all(this.workers.map(work));
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

async function ask<T>(worker: Worker, question: Question): Promise<T> {
  worker.postMessage(question);
  const [answer] = await once(worker, "message");
  return answer as T;
}
