import { type DType, isTensor, type Shape, type Tensor, type Variable } from "@cotangent/core";
import { onPlaceholders } from "./shapes.ts";
import { type Found, type ModuleNode, walk } from "./walk.ts";

export interface SummaryOptions {
  /** The sizes of one example, without the batch axis; for a model with several inputs, one shape for each. */
  readonly inputShape?: Shape | readonly Shape[];
  /** The dtype of the inputs: what the model says, float32 for most, unless given. */
  readonly inputDType?: DType;
}

/** What a summary needs of the model. */
interface Summarized extends ModuleNode {
  readonly inputShape: Shape | undefined;
  readonly inputDType: DType;
}

interface Row {
  readonly layer: string;
  readonly output: string;
  readonly parameters: string;
  readonly trainable: string;
}

/** Sizes of the batch for which shapes are found: where results differ, the size depends on the batch. */
const BATCHES = [2, 3] as const;

const isShapeList = (shape: Shape | readonly Shape[]): shape is readonly Shape[] =>
  shape.length > 0 && shape.every((entry) => typeof entry !== "number");

/** See `Module.summary`. */
export function summarize(model: Summarized, options: SummaryOptions): string {
  const found = walk(model);
  const given = options.inputShape ?? model.inputShape;
  const shapes =
    given === undefined
      ? null
      : outputShapes(found, isShapeList(given) ? given : [given], options.inputDType ?? model.inputDType);
  const rows = rowsOf(found, shapes);
  const header: Row = {
    layer: "Layer",
    output: "Output shape",
    parameters: "Parameters",
    trainable: "Trainable",
  };
  const lines = [...table([header, ...rows]), ...totals([...found.variables.values()])];
  if (shapes === null)
    lines.push("Output shapes are not known: give the input's, as in summary({ inputShape: [784] })");
  return lines.join("\n");
}

type Shapes = ReadonlyMap<ModuleNode, readonly string[]>;

/** The output shapes of every module, as text, found for two batch sizes. */
function outputShapes(found: Found, inputs: readonly Shape[], dtype: DType): Shapes {
  const [first, second] = BATCHES.map((batch) =>
    recordOutputs(
      found,
      inputs.map((shape) => [batch, ...shape]),
      dtype,
    ),
  );
  return new Map(
    [...first].map(([module, outputs]) => {
      const others = second.get(module) ?? [];
      return [module, [...new Set(outputs.map((shape, i) => formatBatched(shape, others[i] ?? [])))]];
    }),
  );
}

function formatBatched(a: Shape, b: Shape): string {
  const sizes = a.map((size, i) => {
    if (size === b[i]) return String(size);
    return size === BATCHES[0] && b[i] === BATCHES[1] ? "batch" : "?";
  });
  return `[${sizes.join(", ")}]`;
}

interface Forward {
  forward?: (...inputs: unknown[]) => unknown;
}

/** Runs the model on placeholders while every module notes the shapes of what it returns. */
function recordOutputs(found: Found, inputs: readonly Shape[], dtype: DType): Map<ModuleNode, Shape[]> {
  const outputs = new Map<ModuleNode, Shape[]>();
  const undo: (() => void)[] = [];
  for (const module of found.modules.values()) {
    const holder = module as Forward;
    const own = Object.getOwnPropertyDescriptor(holder, "forward");
    const forward = holder.forward as (...inputs: unknown[]) => unknown;
    Object.defineProperty(holder, "forward", {
      configurable: true,
      enumerable: false,
      value(this: unknown, ...given: unknown[]) {
        const result = forward.apply(this, given);
        const list = outputs.get(module) ?? [];
        list.push(...tensorsIn(result).map(({ shape }) => shape));
        outputs.set(module, list);
        return result;
      },
    });
    undo.push(() => {
      if (own === undefined) delete holder.forward;
      else Object.defineProperty(holder, "forward", own);
    });
  }
  const root = found.modules.get("") as Forward;
  try {
    onPlaceholders(inputs, dtype, (...placeholders) => {
      root.forward?.(...placeholders);
    });
  } finally {
    for (const restore of undo) restore();
  }
  return outputs;
}

function tensorsIn(result: unknown): Tensor[] {
  if (isTensor(result)) return [result];
  if (Array.isArray(result)) return result.flatMap(tensorsIn);
  return typeof result === "object" && result !== null ? Object.values(result).flatMap(tensorsIn) : [];
}

const count = (variables: readonly Variable[]): number => variables.reduce((sum, { size }) => sum + size, 0);
const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/** A row for every module that has variables of its own, or no modules inside. */
function rowsOf(found: Found, shapes: Shapes | null): Row[] {
  const paths = [...found.modules.keys()];
  const rows: Row[] = [];
  for (const [path, module] of found.modules) {
    const own = [...found.variables.values()].filter((cell) => found.owners.get(cell) === path);
    const isLeaf = !paths.some((other) => other !== path && (path === "" || other.startsWith(`${path}.`)));
    if (own.length === 0 && !isLeaf) continue;
    const type = module.constructor.name;
    const trainable = own.filter((cell) => cell.trainable).length;
    rows.push({
      layer: path === "" ? type : `${path} (${type})`,
      output: shapes === null ? "?" : (shapes.get(module) ?? ["not used"]).join(" | "),
      parameters: grouped(count(own)),
      trainable:
        own.length === 0 ? "-" : trainable === own.length ? "yes" : trainable === 0 ? "no" : "partly",
    });
  }
  return rows;
}

const ROW_KEYS = ["layer", "output", "parameters", "trainable"] as const;

function table(rows: readonly Row[]): string[] {
  const widths = ROW_KEYS.map((key) => Math.max(...rows.map((row) => row[key].length)));
  const lines = rows.map((row) =>
    ROW_KEYS.map((key, i) =>
      key === "parameters" ? row[key].padStart(widths[i]) : row[key].padEnd(widths[i]),
    )
      .join("  ")
      .trimEnd(),
  );
  const rule = "─".repeat(Math.max(...lines.map((line) => line.length)));
  return [lines[0], rule, ...lines.slice(1), rule];
}

function totals(variables: readonly Variable[]): string[] {
  const trainable = variables.filter((cell) => cell.trainable);
  const bytes = variables.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return [
    `Parameters: ${grouped(count(variables))} (${formatBytes(bytes)})`,
    `Trainable: ${grouped(count(trainable))}, not trainable: ${grouped(count(variables) - count(trainable))}`,
  ];
}

function formatBytes(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? bytes : value.toPrecision(3)} ${units[power]}`;
}
