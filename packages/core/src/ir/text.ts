import { formatShape } from "../types/shape.ts";
import type { Formula } from "./form.ts";
import type { Tensor } from "./tensor.ts";
import { topology } from "./traversal.ts";

/** What stands in params besides shapes and dtypes that the line shows anyway. */
function paramsText(node: Tensor): string {
  const fields = Object.entries(node.params).filter(
    ([key]) => !["shape", "dtype", "version", "name", "weak"].includes(key),
  );
  if (fields.length === 0) return "";
  return ` {${fields.map(([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.flat().join(", ")}]` : String(value)}`).join(", ")}}`;
}

function labelOf(node: Tensor): string {
  const { name, version } = node.params as { name?: string; version?: { label: string } };
  const own = version?.label ?? name;
  if (own !== undefined) return ` ${own}`;
  return node.prim.leaf && node.storage?.size === 1 && node.storage.host !== null
    ? ` ${node.storage.host[0]}`
    : "";
}

/**
 * The graph behind y as text, a line for each node, inputs before what is made of them:
 * `%2 = mul(%0, %1) : float32[2, 3]`. Equal graphs give equal texts.
 */
export function printGraph(y: Tensor | readonly Tensor[]): string {
  const roots = (Array.isArray(y) ? (y as readonly Tensor[]) : [y as Tensor]).map((tensor) => tensor.node);
  const { nodes, operands, starts } = topology(roots);
  return nodes
    .map((node, i) => {
      const inputs = [...operands.subarray(starts[i], starts[i + 1])].map((place) => `%${place}`).join(", ");
      const call = node.inputs.length > 0 ? `(${inputs})` : labelOf(node);
      return `%${i} = ${node.prim.name}${call}${paramsText(node)} : ${node.dtype}${formatShape(node.shape)}`;
    })
    .join("\n");
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
