import { createArray, type DType, type TypedArray } from "../types/dtype.ts";

/** Data in an engine's own memory. */
export interface Resident {
  /**
   * The elements, in an array that stays as it is whatever runs later; a promise on engines that cannot be read at once.
   */
  read(): TypedArray | Promise<TypedArray>;
  /**
   * Says that nobody needs these bytes any more: the engine may use the memory for something else. Called at most once,
   * and only for what is certain when it happens, such as the old value of a variable; most storages simply become
   * garbage. Never called for storages that are `shared`, nor for those that the engine was given to write over (see
   * `Executable.run`): those are the engine's already. Programs may still have the storage bound, and are not run
   * again before another is bound instead. A promise that `read` gave before stays good.
   */
  release?(): void;
  /**
   * Says that the variable whose value this was has another one, while a tensor may still look at these bytes (the
   * tensor that it was made of, a snapshot): mostly none does, and nobody can tell. A good moment to move them to an
   * ordinary typed array, which is collected if so.
   */
  retire?(): void;
}

/**
 * The bytes of one evaluated value, shared by whoever needs them: tensors, versions of variables, engines.
 * `host` is an ordinary typed array, `resident` says where the data lies in an engine's memory; at least one of the
 * two is there. Bytes never change once written; an engine that wants to overwrite them in place is told by the
 * runtime when it may (`Executable.run`'s `donated`).
 */
export class Storage {
  /** More than one version or tensor may look at these bytes, so they are never overwritten. */
  shared = false;

  constructor(
    readonly dtype: DType,
    readonly size: number,
    public host: TypedArray | null,
    public resident: Resident | null = null,
  ) {}

  /** Storage of one number. */
  static scalar(dtype: DType, value: number): Storage {
    const host = createArray(dtype, 1);
    host[0] = value;
    return new Storage(dtype, 1, host);
  }
}
