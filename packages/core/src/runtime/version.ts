import type { Storage } from "../ir/storage.ts";
import type { Tensor } from "../ir/tensor.ts";
import { readLeaf, type VersionInfo } from "../prims/leaves.ts";
import { StaleValueError } from "../util/errors.ts";
import type { Variable } from "./variable.ts";

/** One value in the life of a variable: assigned, computed at the next flush, and some time later overwritten. */
export class Version implements VersionInfo {
  /** The value, from the flush on until it is overwritten. */
  storage: Storage | null;
  /** What computes the value, until the flush. */
  producer: Tensor | null;
  /** Snapshots taken before the value was computed. */
  snapshots: Tensor[] = [];
  private reason: "overwritten" | "failed" = "overwritten";
  /** The node that stands for this version in graphs, if anybody has asked for it. */
  leaf: Tensor | null = null;

  /** With neither storage nor producer, the version that a compiled function finds when it is called. */
  constructor(
    readonly cell: Variable,
    source: { readonly storage?: Storage; readonly producer?: Tensor },
    private readonly symbolic = false,
  ) {
    this.storage = source.storage ?? null;
    this.producer = source.producer ?? null;
  }

  get label(): string {
    return this.cell.name;
  }

  /** The one node that stands for this version in graphs. */
  read(): Tensor {
    this.leaf ??= readLeaf(this, this.cell.shape, this.cell.dtype, this.symbolic);
    return this.leaf;
  }

  /** The value is there. */
  commit(storage: Storage): void {
    this.storage = storage;
    this.producer = null;
    if (this.snapshots.length > 0) storage.shared = true;
    for (const snapshot of this.snapshots) snapshot.storage = storage;
    this.snapshots = [];
  }

  /**
   * The value is gone: overwritten by a later version, or its assignment failed. The engine may forget the bytes unless
   * somebody else looks at them, or they were given to it to write over.
   */
  release(reason: "overwritten" | "failed", donated = false): void {
    if (!donated) releaseBytes(this.storage);
    this.reason = reason;
    this.storage = null;
    this.producer = null;
    this.snapshots = [];
  }

  /**
   * As if the value were released and another version made, where nobody can tell: no node and no snapshot stands for
   * this one.
   * @returns false where somebody can
   */
  renew(storage: Storage, donated: boolean): boolean {
    if (this.leaf !== null || this.storage === null || this.snapshots.length > 0) return false;
    if (!donated) releaseBytes(this.storage);
    this.storage = storage;
    return true;
  }

  /** @throws StaleValueError when the value is gone */
  value(): Storage {
    if (this.storage !== null) return this.storage;
    const message =
      this.reason === "failed"
        ? `the assignment of variable ${this.label} that this value depends on failed`
        : `this value depends on a version of variable ${this.label} that was overwritten by later assignments`;
    throw new StaleValueError(message, {
      operation: "evaluate",
      variable: this.label,
      remedy:
        this.reason === "failed"
          ? "Compute it again from the variable's present value"
          : "Read it before the next assignment, in every round or in none; or keep the old value with `.value`",
    });
  }
}

function releaseBytes(storage: Storage | null): void {
  if (storage === null || storage.resident === null) return;
  if (storage.shared) storage.resident.retire?.();
  else storage.resident.release?.();
}
