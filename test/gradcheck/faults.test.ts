import { describe, expect, test } from "vitest";
import { FAULTS } from "./faults/index.ts";
import { firstFound } from "./support/cases.ts";
import { marksOf } from "./support/marks.ts";

const marks = new Map(FAULTS.map((table) => [table, marksOf(table)]));
const rows = FAULTS.flatMap((table) =>
  table.rows.map((row) => ({ row, mark: marks.get(table)?.get(row.name) })),
);

describe("seeded faults", () => {
  test.each(rows.map((item) => [item.row.name, item] as const))("%s is found", (_, { row, mark }) => {
    const found = firstFound(row);
    expect(found).not.toBeNull();
    const { findings } = (found as NonNullable<typeof found>).report;
    const culprits = findings.filter(({ verdict }) => verdict === "wrong").map(({ culprit }) => culprit);
    const named = culprits.find((culprit) => culprit !== null);
    expect(named, findings[0]?.message).toMatchObject(row.culprit);
    expect(named?.line).toContain(`${mark}:`);
  });

  test("there are enough of them, each with a name of its own and the line of its call", () => {
    const names = rows.map(({ row }) => row.name);
    expect(names.length).toBeGreaterThanOrEqual(45);
    expect(new Set(names).size).toBe(names.length);
    expect([...marks.values()].flatMap((table) => [...table.keys()]).sort()).toEqual(names.sort());
  });
});
