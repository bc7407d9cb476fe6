import { shared } from "./shared.ts";

/** Beyond this many entries the table starts afresh; ids go on, so that an old id never means a new thing. */
const TABLE_LIMIT = 1 << 16;

interface Table {
  nextId: number;
  readonly ids: Map<string, number>;
}

const table = shared<Table>("params", () => ({ nextId: 1, ids: new Map() }));

/**
 * A small integer for a string, the same for equal strings (until the table is renewed: then equal strings
 * may get different ids, which costs a cache miss and nothing else).
 */
export function internId(text: string): number {
  let id = table.ids.get(text);
  if (id === undefined) {
    if (table.ids.size >= TABLE_LIMIT) table.ids.clear();
    id = table.nextId++;
    table.ids.set(text, id);
  }
  return id;
}
