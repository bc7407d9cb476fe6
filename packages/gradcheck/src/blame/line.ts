import { originOf, type Tensor } from "@cotangent/core";
import { original } from "../check/float64.ts";

/** The line outside of Cotangent that made a node: `file:line:column`; null where nobody noted it. */
export function lineOf(node: Tensor): string | null {
  const frame = originOf(original(node));
  // V8 writes `at name (place)` or `at place`, others `name@place`.
  return frame === null ? null : (/\(([^()]*)\)$/.exec(frame)?.[1] ?? frame.replace(/^(at |.*@)/, ""));
}
