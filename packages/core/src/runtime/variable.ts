import { abbreviate } from "../ir/abbreviate.ts";
import { activeFrames } from "../ir/frames.ts";
import type { Storage } from "../ir/storage.ts";
import { Tensor } from "../ir/tensor.ts";
import { asTensor, type NestedValues, type TensorLike } from "../prims/convert.ts";
import { dataLeaf, read, readLeaf } from "../prims/leaves.ts";
import { builder } from "../transform/vjp.ts";
import type { TypedArray } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, type Shape, sameShape } from "../types/shape.ts";
import type { Assigned, Fits, ShapeOf } from "../types/static/index.ts";
import { DTypeError, ShapeError, StateError, TraceError } from "../util/errors.ts";
import { shared } from "../util/shared.ts";
import { addPending, flush } from "./flush.ts";
import { substituteFor } from "./substitute.ts";
import { compileTrace } from "./trace.ts";
import { Version } from "./version.ts";

export interface VariableOptions {
  /** For messages, summaries and saved states; `variable1`, `variable2` ... unless given. */
  readonly name?: string;
  /** Whether optimisers may change it: true unless given. Statistics and counters are not trainable. */
  readonly trainable?: boolean;
}

/** Runs of a plan in which it writes nothing in place, while it learns what is read after it. */
const TRIAL_RUNS = 2;

const counter = shared("variables", () => ({ made: 0 }));

/**
 * The only mutable thing: a cell that holds a tensor, with a version that grows with every assignment. Works wherever
 * a tensor does, and means its value at that time: who read the old one keeps it.
 */
export class Variable<out S extends Shape = Shape> extends Tensor<S> {
  readonly name: string;
  readonly trainable: boolean;
  private current: Version;
  private committed: Version;
  private previous: Version | null = null;
  /** The plan that made the present version, and how often since somebody last read the old one afterwards. */
  private lastPlan: object | null = null;
  private lastRuns = 0;
  /** The same of plans before. */
  private readonly runs = new WeakMap<object, number>();

  /** @internal */
  constructor(initial: Tensor<S>, options: VariableOptions = {}) {
    super(read as never, [], {}, initial.shape, initial.dtype);
    this.name = options.name ?? `variable${++counter.made}`;
    this.trainable = options.trainable ?? true;
    const source = initial.node;
    if (source.symbolic) {
      throw new TraceError(`the initial value of variable ${this.name} depends on an argument`, {
        operation: "variable",
        variable: this.name,
        remedy: "Make variables outside, or from values that are known when the function is traced",
      });
    }
    flush([source]);
    const { storage } = snapshotOf(source);
    (storage as Storage).shared = true;
    this.committed = new Version(this, { storage: storage as Storage });
    this.current = this.committed;
    compileTrace()?.created(this);
  }

  /** The node of the current version. @internal */
  override get node(): Tensor {
    return substituteFor(this) ?? (compileTrace()?.versionOf(this) ?? this.current).read();
  }

  /** The version whose value is computed. @internal */
  get committedVersion(): Version {
    return this.committed;
  }

  /** The value now, as a tensor that stays valid for ever and is a constant to derivatives. */
  get value(): Tensor<S> {
    if (compileTrace() !== null) return builder.stopGradient(this.node) as Tensor<S>;
    if (this.current.storage === null) {
      const snapshot = readLeaf(this.current, this.shape, this.dtype, false);
      this.current.snapshots.push(snapshot);
      return snapshot as Tensor<S>;
    }
    this.current.storage.shared = true;
    return dataLeaf(this.current.storage, this.shape, this.dtype) as Tensor<S>;
  }

  /**
   * Makes `value` the variable's value for whoever reads it from now on. Nothing is computed yet: that happens with the
   * next read of any tensor, or before this variable is assigned again.
   * @throws ShapeError or DTypeError when the value does not fit, StateError inside vmap and custom rules
   */
  assign<T extends Variable>(this: T, value: number): T;
  assign<A extends Shape>(this: Variable<A>, value: Tensor<NoInfer<A>>): Variable<A>;
  assign<T extends Variable>(this: T, value: NestedValues | TypedArray): T;
  assign<T extends Variable, V extends TensorLike>(this: T, value: V & Fits<Assigned<ShapeOf<T>, V>>): T;
  assign(value: TensorLike): Variable<S> {
    checkAssignable(this, value);
    const tensor =
      typeof value === "number"
        ? builder.broadcast(builder.cast(asTensor(value, "assign"), this.dtype), this.shape)
        : asTensor(value, "assign");
    checkFits(this, tensor);
    const source = tensor.node;
    const trace = compileTrace();
    if (trace !== null) {
      trace.assign(this, source);
      return this;
    }
    if (source.symbolic) {
      throw new TraceError(`the value assigned to variable ${this.name} is a placeholder`, {
        operation: "assign",
        variable: this.name,
        remedy: "Assign outside of the function that is being traced",
      });
    }
    // An assignment is pending from here until the flush that computes it.
    if (this.current !== this.committed) flush();
    this.current = new Version(this, { producer: source });
    addPending(this.current);
    return this;
  }

  /**
   * Whether `plan` may write over the present version: it has made new ones often enough to show what is asked for
   * afterwards, and hands that out. @internal
   */
  isSettled(plan: object): boolean {
    return this.runsOf(plan) >= TRIAL_RUNS;
  }

  /**
   * A version is read. If it is the previous one, the plan that replaced it is on trial again: where that happens in
   * every round, it never writes in place. @internal
   */
  noteRead(version: Version): void {
    if (version === this.previous) this.lastRuns = 0;
  }

  private runsOf(plan: object): number {
    return plan === this.lastPlan ? this.lastRuns : (this.runs.get(plan) ?? 0);
  }

  /**
   * The version has its value, computed by `plan`. The one before survives the first runs of a plan; later it is
   * overwritten, by the engine where it was `donated`. @internal
   */
  commit(version: Version, storage: Storage, plan: object, donated: boolean): void {
    const runs = this.runsOf(plan);
    if (this.lastPlan !== null && this.lastPlan !== plan) this.runs.set(this.lastPlan, this.lastRuns);
    this.lastPlan = plan;
    this.lastRuns = runs + 1;
    this.forgetPrevious();
    if (runs >= TRIAL_RUNS) this.committed.release("overwritten", donated);
    else this.previous = this.committed;
    version.commit(storage);
    this.committed = version;
  }

  /**
   * A value computed by a compiled function. `donated`: the engine was free to write over the one before.
   * @internal
   */
  replace(storage: Storage, donated: boolean): void {
    this.forgetPrevious();
    const { committed } = this;
    if (committed === this.current && committed.renew(storage, donated)) return;
    committed.release("overwritten", donated);
    this.committed = new Version(this, { storage });
    this.current = this.committed;
  }

  private forgetPrevious(): void {
    this.previous?.release("overwritten");
    this.previous = null;
  }

  /** The assignment failed: the variable is what it was. @internal */
  rollBack(version: Version): void {
    version.release("failed");
    this.current = this.committed;
  }

  override toString(): string {
    const shown =
      this.current.storage === null ? this.node : dataLeaf(this.current.storage, this.shape, this.dtype);
    return abbreviate(shown, `Variable(${this.name})`);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** What an evaluated node's value is, read leaves included. */
const snapshotOf = (source: Tensor): Tensor =>
  source.storage !== null
    ? source
    : dataLeaf((source.params as { version: Version }).version.value(), source.shape, source.dtype);

/** Functions whose body is run for several lanes or steps, or not when it seems to be. */
const NOT_ASSIGNING: ReadonlySet<string> = new Set(["vmap", "custom", "control"]);

function checkAssignable(cell: Variable, value: unknown): void {
  const mapped = activeFrames().find(({ kind }) => NOT_ASSIGNING.has(kind));
  if (mapped !== undefined) {
    throw new StateError(`variable ${cell.name} is assigned inside ${mapped.name}`, {
      operation: "assign",
      variable: cell.name,
      remedy: "Return the new value and assign it outside (for batch statistics: use eval mode)",
    });
  }
  if (value === undefined || value === null) {
    throw new StateError(`no value to assign to variable ${cell.name}`, {
      operation: "assign",
      variable: cell.name,
      remedy: "Pass a tensor, a number or an array",
    });
  }
}

function checkFits(cell: Variable, value: Tensor): void {
  if (!sameShape(value.shape, cell.shape)) {
    throw new ShapeError(
      `variable ${cell.name} has shape ${formatShape(cell.shape)}, the value ${formatShape(value.shape)}`,
      {
        operation: "assign",
        shapes: [cell.shape, value.shape],
        variable: cell.name,
        remedy: "A variable keeps its shape; broadcast or reshape the value",
      },
    );
  }
  if (value.dtype !== cell.dtype) {
    throw new DTypeError(`variable ${cell.name} has dtype ${cell.dtype}, the value ${value.dtype}`, {
      operation: "assign",
      dtypes: [cell.dtype, value.dtype],
      variable: cell.name,
      remedy: `Cast the value: value.cast("${cell.dtype}")`,
    });
  }
}

/** A variable with the given initial value, which is computed now. It keeps its shape and dtype. */
export function variable<X extends TensorLike>(initial: X, options?: VariableOptions): Variable<ShapeOf<X>>;
export function variable(initial: TensorLike, options: VariableOptions = {}): Variable {
  checkOptions("variable", options, ["name", "trainable"]);
  return new Variable(asTensor(initial, "variable"), options);
}
