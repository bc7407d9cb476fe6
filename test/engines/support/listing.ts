import {
  DTYPES,
  type DType,
  formatShape,
  type InputSlot,
  type ProgramNode,
  type Shape,
  type Update,
} from "@cotangent/core";
import { type EngineCase, inferred, primitiveOf, type SlotPlan } from "./case.ts";
import { VALUE_KINDS, type ValueKind, type Values } from "./values.ts";

// A case as text, a line for each node, and back: what a failing test prints is pasted into regressions.test.ts.

const NAMES: readonly (readonly [string, number])[] = [
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["-0", -0],
];

/** A number so that it can be read back: JSON knows neither -0 nor NaN nor infinities. */
const numeral = (x: number): string => NAMES.find(([, value]) => Object.is(value, x))?.[0] ?? String(x);
const numberOf = (text: string): number => NAMES.find(([name]) => name === text)?.[1] ?? Number(text);

const paramsText = (params: object): string =>
  JSON.stringify(params, (_, value) => {
    if (typeof value !== "number") return value;
    return Number.isFinite(value) && !Object.is(value, -0) ? value : numeral(value);
  });

const paramsOf = (text: string): object =>
  JSON.parse(text, (_, value) =>
    typeof value === "string" && NAMES.some(([name]) => name === value) ? numberOf(value) : value,
  );

const valuesText = (values: Values): string =>
  values.kind === "given"
    ? `given(${values.elements.map(numeral).join(" ")})`
    : `${values.kind}(${values.seed})`;

function valuesOf(text: string): Values {
  const [, kind, inside] = match(text, /^(\w+)\((.*)\)$/);
  if (kind === "given") return { kind, elements: inside.split(" ").map(numberOf) };
  if (!VALUE_KINDS.includes(kind as ValueKind)) throw new Error(`no way to draw values is called ${kind}`);
  return { kind: kind as ValueKind, seed: Number(inside) };
}

const slotText = ({ kind }: InputSlot, { values, renewed, resident, twin }: SlotPlan): string =>
  [
    kind,
    valuesText(values),
    ...(renewed ? [] : ["kept"]),
    ...(resident ? ["resident"] : []),
    ...(twin === undefined ? [] : [`twin${twin}`]),
  ].join("; ");

const nodeText = ({ prim, inputs, params }: ProgramNode): string => {
  const own = Object.keys(params).length === 0 ? "" : ` ${paramsText(params)}`;
  return `${prim?.name}(${inputs.map((source) => `%${source}`).join(", ")})${own}`;
};

/** The line of one node: `%2 = pad(%0) {"low":[1],...} : float32[5]`. */
export const nodeLine = (node: ProgramNode, place: number): string =>
  `%${place} = ${nodeText(node)} : ${node.dtype}${formatShape(node.shape)}`;

/** The whole case, to read and to paste. */
export function listing({ program, slots, donated, runs }: EngineCase): string {
  const { nodes, inputs, outputs, updates } = program;
  const slotAt = new Map(inputs.map(({ node }, slot) => [node, slot]));
  const lines = nodes.map((node, place) => {
    const slot = slotAt.get(place);
    if (slot === undefined) return nodeLine(node, place);
    return `%${place} = ${slotText(inputs[slot], slots[slot])} : ${node.dtype}${formatShape(node.shape)}`;
  });
  if (outputs.length > 0) lines.push(`outputs ${outputs.map((place) => `%${place}`).join(" ")}`);
  for (const { node, slot } of updates) {
    const target = slot < 0 ? "" : ` -> %${inputs[slot].node}${donated.includes(slot) ? " donated" : ""}`;
    lines.push(`update %${node}${target}`);
  }
  lines.push(`runs ${runs}`);
  return lines.join("\n");
}

function match(text: string, pattern: RegExp): string[] {
  const found = text.match(pattern);
  if (found === null) throw new Error(`a line of the listing cannot be read: ${text}`);
  return found.map((group) => group ?? "");
}

const places = (text: string): number[] => [...text.matchAll(/%(\d+)/g)].map(([, place]) => Number(place));

class Reader {
  readonly nodes: ProgramNode[] = [];
  readonly inputs: InputSlot[] = [];
  readonly slots: SlotPlan[] = [];
  readonly updates: Update[] = [];
  readonly donated: number[] = [];
  outputs: number[] = [];
  runs = 1;

  line(text: string): void {
    if (text.startsWith("%")) this.node(text);
    else if (text.startsWith("outputs")) this.outputs = places(text);
    else if (text.startsWith("update")) this.update(text);
    else this.runs = Number(match(text, /^runs (\d+)$/)[1]);
  }

  private node(text: string): void {
    const [, what, dtype, dims] = match(text, /^%\d+ = (.*) : (\w+)\[([\d, ]*)\]$/);
    const shape = dims === "" ? [] : dims.split(",").map(Number);
    if (!DTYPES.includes(dtype as DType)) throw new Error(`there is no dtype ${dtype}`);
    if (/^(data|variable);/.test(what)) this.slot(what, shape, dtype as DType);
    else this.computed(what);
  }

  private slot(what: string, shape: Shape, dtype: DType): void {
    const [kind, values, ...flags] = what.split("; ");
    this.inputs.push({ node: this.nodes.length, kind: kind as InputSlot["kind"] });
    const twin = flags.find((flag) => flag.startsWith("twin"));
    this.slots.push({
      values: valuesOf(values),
      renewed: !flags.includes("kept"),
      resident: flags.includes("resident"),
      ...(twin === undefined ? {} : { twin: Number(twin.slice(4)) }),
    });
    this.nodes.push({ prim: null, inputs: [], params: {}, shape, dtype });
  }

  private computed(what: string): void {
    const [, name, operands, params] = match(what, /^(\w+)\(([^)]*)\)(?: (\{.*\}))?$/);
    const prim = primitiveOf(name);
    if (prim === undefined) throw new Error(`there is no primitive ${name}`);
    const node = { prim, inputs: places(operands), params: params === "" ? {} : paramsOf(params) };
    this.nodes.push(inferred({ ...node, shape: [], dtype: "bool" }, this.nodes));
  }

  private update(text: string): void {
    const [node, target] = places(text);
    const slot = target === undefined ? -1 : this.inputs.findIndex((input) => input.node === target);
    this.updates.push({ node, slot });
    if (text.endsWith("donated")) this.donated.push(slot);
  }
}

/** The case that a listing describes. @throws Error, ShapeError, DTypeError for what cannot be read */
export function parsed(text: string): EngineCase {
  const reader = new Reader();
  for (const line of text.split("\n").map((raw) => raw.trim())) if (line !== "") reader.line(line);
  const { nodes, inputs, outputs, updates, slots, donated, runs } = reader;
  return { program: { nodes, inputs, outputs, updates }, slots, donated, runs };
}
