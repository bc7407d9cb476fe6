import type { Program } from "./engine.ts";

export { computed } from "../prims/control/interpret.ts";

/** What can be forgotten after each step: values that nothing reads afterwards, and nobody has asked for. */
export function lastUses({ nodes, outputs, updates }: Program): number[][] {
  const last = new Array<number>(nodes.length).fill(-1);
  nodes.forEach(({ inputs }, place) => {
    for (const source of inputs) last[source] = place;
  });
  for (const place of outputs) last[place] = -1;
  for (const { node } of updates) last[node] = -1;
  const lists = nodes.map((): number[] => []);
  last.forEach((place, value) => {
    if (place >= 0) lists[place].push(value);
  });
  return lists;
}
