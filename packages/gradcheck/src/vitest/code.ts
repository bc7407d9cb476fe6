import { isTensor, type NestedArray, type Tensor } from "@cotangent/core";
import { elementText } from "../assert/differences.ts";

/** A tree of tensors and of other values as TypeScript that makes it again: `[tensor([1, 2], { dtype: "float64" })]`. */
export function asTypeScript(value: unknown, indent = ""): string {
  if (isTensor(value)) return tensorCode(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    return bracketed(
      "[",
      value.map((item) => asTypeScript(item, deeper)),
      "]",
      indent,
    );
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(
      ([name, item]) => `${keyCode(name)}: ${asTypeScript(item, deeper)}`,
    );
    return bracketed("{", fields, "}", indent);
  }
  return typeof value === "number" ? elementText(value, "float64") : (JSON.stringify(value) ?? String(value));
}

const keyCode = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** On one line where there is one item at most, else one item to a line. */
function bracketed(open: string, items: readonly string[], close: string, indent: string): string {
  const space = open === "{" && items.length > 0 ? " " : "";
  if (items.length < 2 && !items[0]?.includes("\n"))
    return `${open}${space}${items.join("")}${space}${close}`;
  return `${open}\n${items.map((item) => `${indent}  ${item},\n`).join("")}${indent}${close}`;
}

/** Shapes without elements cannot be told from nested arrays, so zeros makes them. */
function tensorCode(x: Tensor): string {
  const { dtype, shape, size } = x;
  if (size === 0) return `zeros([${shape.join(", ")}], { dtype: "${dtype}" })`;
  return `tensor(${valuesCode(x.arraySync(), x)}, { dtype: "${dtype}" })`;
}

function valuesCode(values: NestedArray, { dtype }: Tensor): string {
  const write = (item: NestedArray): string =>
    Array.isArray(item) ? `[${item.map(write).join(", ")}]` : elementText(Number(item), dtype);
  return write(values);
}
