const WIDTH = 24;

/** Where a bar of progress is drawn: a terminal, or nothing that shows it. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar of progress on a terminal; nothing at all elsewhere. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #total: number;

  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
  }

  /** Shows how many are done, and which one is at work. */
  show(done: number, name: string): void {
    const filled = Math.round((done / this.#total) * WIDTH);
    const bar = "#".repeat(filled).padEnd(WIDTH, ".");
    this.#draw(`[${bar}] ${done}/${this.#total} ${name}`);
  }

  /** Removes the bar. */
  clear(): void {
    this.#draw("");
  }

  #draw(text: string): void {
    if (this.#terminal.isTTY) this.#terminal.write(`\r\u001b[K${text}`);
  }
}
