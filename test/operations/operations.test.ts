import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { NO_OPERATIONS, OF_CORE } from "../exports.ts";
import { page } from "./page.ts";
import { FAMILIES } from "./peers.ts";

const PAGE = fileURLToPath(new URL("../../docs/operations.md", import.meta.url));

const named = FAMILIES.flatMap(({ operations }) => Object.keys(operations));
const wanted = OF_CORE.filter((name) => !(name in NO_OPERATIONS));

test("every operation that core exports stands in the table of names, once", () => {
  expect(
    wanted.filter((name) => !named.includes(name)),
    "operations without names in other libraries: give each a line of FAMILIES in test/operations/peers.ts",
  ).toEqual([]);
  expect(named.filter((name, i) => !wanted.includes(name) || named.indexOf(name) !== i)).toEqual([]);
});

test("docs/operations.md is what the code says: `npm run docs:operations` writes it anew", async () => {
  await expect(page(FAMILIES)).toMatchFileSnapshot(PAGE);
}, 180_000);
