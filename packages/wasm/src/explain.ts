import { evaluate, programOf, type Tensor } from "@cotangent/core";
import type { CompiledControl } from "./compile/control/bodies.ts";
import { convFlops } from "./compile/convolution.ts";
import { bytesOf } from "./compile/emit/vector.ts";
import { type Group, isProduct, productSizes } from "./compile/fuse.ts";
import { type ConvItem, type DotItem, loadsOf } from "./compile/items.ts";
import { printPlan } from "./compile/print.ts";
import type { Plan } from "./compile/program.ts";
import { costOf } from "./compile/values.ts";
import { wasmEngine } from "./engine.ts";
import type { WasmExecutable } from "./run/executable.ts";

export interface ExplainOptions {
  /** Runs the plan, each kernel by itself on one thread, and says how long each took. */
  readonly profile?: boolean;
}

/** One kernel of a plan. */
export interface KernelReport {
  /** How it was written: loops over elements and rows, columns, a product of matrices ... */
  readonly kind: string;
  /** Sizes of its loops; for a product batch, rows, columns and what is contracted. */
  readonly domain: readonly number[];
  /** The operations that were fused into it. */
  readonly operations: readonly string[];
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Arithmetic on single numbers; an elementary function counts as one. */
  readonly flops: number;
  /** Of one run on one thread, the best of several; only where the plan was profiled. */
  readonly microseconds: number | null;
}

/** What the engine makes of a graph. Printed, it is a table. */
export class PlanReport {
  constructor(
    readonly kernels: readonly KernelReport[],
    /** Bytes of scratch memory that values between kernels take together. */
    readonly arenaBytes: number,
    private readonly printPasses: () => string,
  ) {}

  /** What each pass of the compiler made: the simplified graph, kernels, loops, instructions, the arena. */
  passes(): string {
    return this.printPasses();
  }

  /** The report as text. */
  toString(): string {
    const rows = this.kernels.map((kernel, i) => [
      String(i),
      kernel.kind,
      kernel.domain.join("x") || "1",
      amount(kernel.bytesRead),
      amount(kernel.bytesWritten),
      amount(kernel.flops),
      kernel.microseconds === null ? "" : kernel.microseconds.toFixed(1),
      kernel.operations.join(" "),
    ]);
    const header = ["", "kernel", "over", "read B", "written B", "flop", "us", "operations"];
    return `${table([header, ...rows])}\n${this.kernels.length} kernels, arena ${amount(this.arenaBytes)}B`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * Shows how the engine would compute these tensors: kernels, what was fused into each, shapes, bytes moved, arithmetic,
 * scratch memory, and, with `profile`, the time of each kernel. What they depend on is computed first where it is not
 * part of the same plan; the tensors themselves are not marked as computed.
 */
export function explainPlan(tensors: Tensor | readonly Tensor[], options: ExplainOptions = {}): PlanReport {
  const list = Array.isArray(tensors) ? (tensors as readonly Tensor[]) : [tensors as Tensor];
  evaluate();
  const { program, storages } = programOf(...list);
  const executable = wasmEngine.compile(program) as WasmExecutable;
  try {
    const times = options.profile === true ? executable.profile(storages) : null;
    const { plan } = executable;
    const kernels = plan.groups.map((group) => report(plan, group, times));
    return new PlanReport(kernels, plan.arena.bytes, () => printPlan(plan));
  } finally {
    executable.dispose();
  }
}

function report(plan: Plan, group: Group, times: readonly number[] | null): KernelReport {
  const { buffers, instructions } = plan;
  const own = new Set(group.items.map(({ buffer }) => buffer));
  const mine = instructions.map((_, i) => i).filter((i) => instructions[i].group === group.index);
  const bytes = (ids: Iterable<number>): number =>
    [...new Set(ids)].reduce((sum, id) => sum + buffers[id].size * bytesOf(buffers[id].dtype), 0);
  return {
    kind: kindOf(group),
    domain: sizesOf(group),
    operations: operationsOf(group),
    bytesRead: bytes(group.items.flatMap(loadsOf).filter((buffer) => !own.has(buffer))),
    bytesWritten: bytes(mine.flatMap((i) => instructions[i].writes)),
    flops: flopsOf(group),
    microseconds: times === null ? null : mine.reduce((sum, i) => sum + times[i], 0),
  };
}

function kindOf({ kind, items }: Group): string {
  const [first] = items;
  if (first.kind === "control") return first.compiled.kind;
  return isProduct(first) && items.length > 1 ? `${first.kind} with epilogue` : kind;
}

function sizesOf({ domain, items: [first] }: Group): readonly number[] {
  if (first.kind === "dot") return dotSizes(first);
  if (first.kind === "conv") return convSizes(first);
  return first.kind === "control" ? stepsOf(first.compiled) : domain;
}

/** How often a loop runs its body, where that is known; how many branches there are. */
function stepsOf(compiled: CompiledControl): number[] {
  if (compiled.kind === "branch") return [compiled.plans.length];
  return compiled.params.length < 0 ? [] : [compiled.params.length];
}

const product = (sizes: readonly number[]): number => sizes.reduce((size, n) => size * n, 1);

const dotSizes = ({ batch, m, n, k }: DotItem): number[] => [
  ...(batch.length === 0 ? [] : [product(batch)]),
  product(m),
  product(n),
  product(k),
];

/** Groups, rows, outputs, taps. */
function convSizes(item: ConvItem): number[] {
  const { batch, m, n } = productSizes(item);
  return [...(batch.length === 0 ? [] : [product(batch)]), m, n, product(item.w.shape.slice(2))];
}

function operationsOf(group: Group): string[] {
  return group.items.flatMap((item): string[] => {
    if (item.kind === "part") return [];
    if (item.kind === "control") return controlOperations(item.compiled);
    if (item.kind === "map" || item.kind === "reduce") {
      const scalars = item.trace.values.list.flatMap((value) =>
        value.op === "scalar" ? [value.variant || value.name] : [],
      );
      return item.kind === "reduce"
        ? [...scalars, `reduce ${item.op}`]
        : scalars.length > 0
          ? scalars
          : ["copy"];
    }
    return [item.kind];
  });
}

/** What a loop or a branch runs: its kernels, in the order of its programs. */
function controlOperations({ operation, plans }: CompiledControl): string[] {
  const kernels = plans.map(
    ({ groups }) =>
      `{ ${groups.map((group) => `${group.kind}(${operationsOf(group).join(" ")})`).join("; ")} }`,
  );
  return [operation, ...kernels];
}

function flopsOf(group: Group): number {
  return group.items.reduce((sum, item) => {
    if (item.kind === "dot") return sum + 2 * product(dotSizes(item));
    if (item.kind === "conv") return sum + convFlops(item);
    if (item.kind === "fold") return sum + product(item.x.shape);
    if (item.kind === "argReduce") return sum + item.outer * item.inner * item.size;
    if (item.kind === "cumulative") return sum + item.outer * item.inner * item.size * item.sources.length;
    if (item.kind === "control") return sum + controlFlops(item.compiled);
    if (item.kind === "scatter") return sum + item.batch * item.picked * item.row;
    if (item.kind !== "map" && item.kind !== "reduce") return sum;
    const operations = item.trace.values.list.filter((value) => costOf(value) > 0).length;
    return sum + (operations + (item.kind === "reduce" ? 1 : 0)) * product(item.trace.domain);
  }, 0);
}

/** Of all steps of a loop as far as their number is known, of the costliest branch. */
function controlFlops(compiled: CompiledControl): number {
  const each = compiled.plans.map(({ groups }) => groups.reduce((sum, group) => sum + flopsOf(group), 0));
  if (compiled.kind === "branch") return Math.max(...each);
  return Math.max(1, compiled.params.length) * each.reduce((sum, flops) => sum + flops, 0);
}

/** 1234567 gives "1.23M". */
function amount(value: number): string {
  const units = ["", "k", "M", "G", "T"];
  let scale = 0;
  let rest = value;
  while (rest >= 1000 && scale < units.length - 1) {
    rest /= 1000;
    scale++;
  }
  return `${scale === 0 ? rest : rest.toPrecision(3)}${units[scale]}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
