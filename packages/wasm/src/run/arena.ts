import type { Machine } from "../machine/index.ts";

/** The one stretch of scratch memory that all plans share: only one runs at a time. */
export class Arena {
  address = 0;
  bytes = 0;
  /** Grows when the arena moves. */
  version = 0;

  constructor(private readonly machine: Machine) {}

  /** At least that many bytes from now on; what it held is gone. */
  ensure(bytes: number): void {
    if (bytes <= this.bytes) return;
    if (this.bytes > 0) this.machine.heap.free(this.address);
    this.bytes = 0;
    this.address = this.machine.heap.allocate(bytes);
    this.bytes = bytes;
    this.version++;
  }
}
