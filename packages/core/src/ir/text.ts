import { formatShape } from "../types/shape.ts";
import { describeValue } from "../types/trees.ts";
import { StateError } from "../util/errors.ts";
import type { Formula } from "./form.ts";
import { numberFormula } from "./numbers.ts";
import type { Tensor } from "./tensor.ts";
import { topology } from "./traversal.ts";

/** Params that the line shows elsewhere. */
const SHOWN = new Set(["shape", "dtype", "version", "name", "weak", "symbol", "value"]);

const listText = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(listText).join(", ")}]` : String(value);

/** What stands in params besides shapes and dtypes that the line shows anyway. */
function paramsText(node: Tensor): string {
  const fields = Object.entries(node.params).filter(([key]) => !SHOWN.has(key));
  if (fields.length === 0) return "";
  return ` {${fields.map(([key, value]) => `${key}: ${listText(value)}`).join(", ")}}`;
}

/** What a leaf is: its name, or its number. */
function labelOf(node: Tensor): string {
  const { name, version, value } = node.params as {
    name?: string;
    version?: { label: string };
    value?: number;
  };
  const own = version?.label ?? name;
  if (own !== undefined) return ` ${own}`;
  const { prim, storage, dtype } = node;
  const number = value ?? (prim.leaf && storage?.size === 1 ? storage.host?.[0] : undefined);
  return number === undefined ? "" : ` ${numberFormula(number, dtype).text}`;
}

const kindOf = (node: Tensor): string =>
  (node.params as { symbol?: true }).symbol ? "symbol" : node.prim.name;

/**
 * The graph behind y as text, a line for each node, inputs before what is made of them:
 * `%2 = mul(%0, %1) : float32[2, 3]`. Leaves show their names, or their number; data of more elements is not shown. With
 * several tensors, a last line says which nodes they are. Equal graphs give equal texts, whenever they were built, so that a
 * test can hold a network and its backward pass as a snapshot.
 */
export function printGraph(y: Tensor | readonly Tensor[]): string {
  const roots = (Array.isArray(y) ? (y as readonly Tensor[]) : [y as Tensor]).map(nodeOf);
  const { nodes, operands, starts } = topology(roots);
  const results = roots.length > 1 ? [`return ${roots.map(({ place }) => `%${place}`).join(", ")}`] : [];
  const lines = nodes.map((node, i) => {
    const inputs = [...operands.subarray(starts[i], starts[i + 1])].map((place) => `%${place}`).join(", ");
    const call = node.inputs.length > 0 ? `(${inputs})` : labelOf(node);
    return `%${i} = ${kindOf(node)}${call}${paramsText(node)} : ${node.dtype}${formatShape(node.shape)}`;
  });
  return [...lines, ...results].join("\n");
}

/** @throws StateError for what is no tensor, such as a function or a layer */
function nodeOf(tensor: Tensor): Tensor["node"] {
  const { node } = (tensor ?? {}) as Partial<Tensor>;
  if (node?.inputs !== undefined) return node;
  throw new StateError(`expected a tensor, got ${describeValue(tensor)}`, {
    operation: "printGraph",
    remedy: "Pass what the function or the layer gives, for symbols or data: printGraph(layer.forward(x))",
  });
}

/** Formulas longer than this are not for reading. */
const MAX_LENGTH = 100_000;

/**
 * y as a formula, in plain text or LaTeX. Subexpressions that occur several times are written out each time; a formula
 * beyond 100,000 characters shows `...` in the places of its longest parts.
 */
export function formula(y: Tensor, { format = "text" }: { readonly format?: "text" | "latex" } = {}): string {
  const { nodes, operands, starts } = topology([y.node]);
  const written: Formula[] = [];
  nodes.forEach((node, i) => {
    const inputs = [...operands.subarray(starts[i], starts[i + 1])].map((place) => written[place]);
    const result = node.prim[format](inputs, node.params, node);
    written.push(result.text.length > MAX_LENGTH ? { text: "...", level: result.level } : result);
  });
  return written[written.length - 1].text;
}

/** A graph is looked through for placeholders and numbers only if it is no deeper than this. */
const SHALLOW = 16;

/** Whether y is a formula and no value: it depends on a symbol, or is made of literal numbers alone, as derivatives can be. */
export function isFormula(y: Tensor): boolean {
  if (y.symbolic || y.prim.name === "constant") return true;
  if (y.inputs.length === 0 || y.storage !== null || y.depth > SHALLOW) return false;
  return topology([y]).nodes.every(({ inputs, prim }) => inputs.length > 0 || prim.name === "constant");
}
