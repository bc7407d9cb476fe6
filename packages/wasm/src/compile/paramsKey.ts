import type { Params } from "@cotangent/core";

/** Params as text; shape and dtype stand in the node itself. */
export function paramsKey(params: Params): string {
  let key = "";
  for (const [name, value] of Object.entries(params)) {
    if (name === "shape" || name === "dtype") continue;
    key += Object.is(value, -0)
      ? "-0;"
      : `${typeof value === "object" ? JSON.stringify(value) : String(value)};`;
  }
  return key;
}
