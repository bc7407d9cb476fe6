/** Means over examples by name: `loss`, the metrics, and with validation `val_loss` and `val_` metrics. */
export type Logs = { readonly loss: number; readonly [name: string]: number };

/** What happened in one epoch: its means, its number (from 0), its training steps and the seconds it took. */
export interface EpochRecord {
  readonly epoch: number;
  readonly steps: number;
  readonly seconds: number;
  readonly logs: Logs;
}

/**
 * The course of a training. `history.loss` is the mean loss of each epoch, `history.history.val_accuracy` any other
 * series, `history.epochs` everything epoch by epoch.
 */
export class History {
  /** One record for each epoch, in order. */
  readonly epochs: EpochRecord[] = [];

  /** Every series by name: `{ loss: [...], accuracy: [...], val_loss: [...], val_accuracy: [...] }`. */
  get history(): Record<string, number[]> {
    const names = Object.keys(this.epochs[0]?.logs ?? {});
    return Object.fromEntries(names.map((name) => [name, this.epochs.map(({ logs }) => logs[name])]));
  }

  /** The mean training loss of each epoch. */
  get loss(): number[] {
    return this.epochs.map(({ logs }) => logs.loss);
  }
}
