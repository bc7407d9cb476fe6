/** Milliseconds of work after which the rest of the process gets its turn. */
const WORK_MILLISECONDS = 50;

/**
 * Lets timers, input and drawing have their turn during long work: awaiting values that are there already would never
 * leave the queue of microtasks.
 */
export class Pause {
  #since = performance.now();

  /** Waits for one turn of the event loop when the last one was a while ago. */
  async ifDue(): Promise<void> {
    if (performance.now() - this.#since < WORK_MILLISECONDS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#since = performance.now();
  }
}
