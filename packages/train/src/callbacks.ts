import { StateError } from "@cotangent/core";
import { show } from "./checks.ts";
import type { History, Logs } from "./history.ts";
import type { Trainer } from "./trainer.ts";

/**
 * Functions called during `fit`; each may be async, and is waited for. Epochs and batches are counted from 0. A
 * callback stops the training with `trainer.stop()` or by returning `false`; other results mean nothing.
 */
export interface Callback {
  /** Before the first epoch. */
  onTrainBegin?(trainer: Trainer): unknown;
  /** Before each epoch, numbered from 0. */
  onEpochBegin?(epoch: number, trainer: Trainer): unknown;
  /** `logs` are the means over this batch. */
  onBatchEnd?(batch: number, logs: Logs, trainer: Trainer): unknown;
  /** `logs` are the means over the epoch, with those of the validation data. */
  onEpochEnd?(epoch: number, logs: Logs, trainer: Trainer): unknown;
  /** Also when the training was stopped; not when an error ended it. */
  onTrainEnd?(history: History, trainer: Trainer): unknown;
}

const EVENTS = ["onTrainBegin", "onEpochBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const;
type Event = (typeof EVENTS)[number];

/** Calls the callbacks in their order, and stops the trainer when one answers `false`. */
export class CallbackList {
  readonly #callbacks: readonly Callback[];
  readonly #trainer: Trainer;

  constructor(callbacks: readonly Callback[], trainer: Trainer) {
    checkCallbacks(callbacks);
    this.#callbacks = callbacks;
    this.#trainer = trainer;
  }

  async call<E extends Event>(event: E, ...values: EventValues<E>): Promise<void> {
    for (const callback of this.#callbacks) {
      const call = callback[event] as ((...values: unknown[]) => unknown) | undefined;
      if (call === undefined) continue;
      if ((await call.apply(callback, [...values, this.#trainer])) === false) this.#trainer.stop();
    }
  }
}

type EventValues<E extends Event> =
  Parameters<NonNullable<Callback[E]>> extends [...infer V, Trainer] ? V : never;

function checkCallbacks(callbacks: readonly Callback[]): void {
  const operation = "fit";
  if (!Array.isArray(callbacks)) {
    throw new StateError(`callbacks is ${show(callbacks)}`, { operation, remedy: "Pass a list: [callback]" });
  }
  for (const callback of callbacks as unknown[]) {
    const called = typeof callback === "object" && callback !== null;
    if (called && EVENTS.some((event) => typeof (callback as Callback)[event] === "function")) continue;
    throw new StateError(`${show(callback)} is no callback`, {
      operation,
      remedy: `A callback is an object with some of the methods ${EVENTS.join(", ")}`,
    });
  }
}
