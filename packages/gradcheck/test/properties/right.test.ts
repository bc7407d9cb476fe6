import { describe, expect, test } from "vitest";
import { PROPERTIES } from "../../src/properties/properties.ts";
import type { Property } from "../../src/report/report.ts";
import { RIGHT } from "./functions.ts";
import { judged } from "./support.ts";

describe.each(Object.keys(PROPERTIES) as Property[])("%s", (property) => {
  test.each(RIGHT)("no false alarm: %s", (_, f, args) => {
    const { summary, findings } = judged(property, f, ...args);
    expect(findings.map(({ message }) => message)).toEqual([]);
    expect(summary).toMatchObject({ check: property, verdict: "right" });
  });
});
