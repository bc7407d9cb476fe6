/** Between what the blocks of a program print: no text of a page holds it. */
const MARK = "\u0001";

/** A block of code on a page that is followed by what it prints. */
interface Printed {
  /** The line of the page on which the code begins, counted from 1. */
  readonly first: number;
  /** The lines of the page from `from` to before `to`, counted from 0: what stands there as printed. */
  readonly from: number;
  readonly to: number;
}

/** The ```text blocks of a page, which hold what the ```ts blocks before them print. */
function printedBlocks(lines: readonly string[]): Printed[] {
  const blocks: Printed[] = [];
  let first = 0;
  let opened: string | null = null;
  let from = 0;
  lines.forEach((line, i) => {
    if (opened === null && line.startsWith("```")) {
      opened = line;
      from = i + 1;
      if (line === "```ts") first = i + 2;
    } else if (line === "```") {
      if (opened === "```text") blocks.push({ first, from, to: i });
      opened = null;
    }
  });
  return blocks;
}

/** How many printouts a page shows. */
export const printoutCount = (page: string): number => printedBlocks(page.split("\n")).length;

/** The program of a page (its code in its places), which marks where what it prints ends for each printout. */
export function withMarks(page: string, code: string): string {
  const lines = code.split("\n");
  for (const { from } of printedBlocks(page.split("\n")))
    lines[from - 1] = `console.log(${JSON.stringify(MARK)});`;
  return lines.join("\n");
}

/**
 * The page with what its program has printed in the places of its printouts. `place` is the path of the program, whose lines
 * are told as those of the block of code above: `example.ts:2:10`. Printouts that differ in nothing but the size of
 * rounding errors stay as they are.
 */
export function withPrintouts(page: string, printed: string, place: string): string {
  const lines = page.split("\n");
  const parts = printed.split(`${MARK}\n`);
  const blocks = printedBlocks(lines);
  for (const [i, { first, from, to }] of [...blocks.entries()].reverse()) {
    const actual = inLinesOf(parts[i] ?? "", place, first);
    const shown = lines.slice(from, to).join("\n");
    if (steady(actual) !== steady(shown)) lines.splice(from, to - from, ...actual.split("\n"));
  }
  return lines.join("\n");
}

function inLinesOf(text: string, place: string, first: number): string {
  const at = new RegExp(`(\\S*/)?${place.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&")}:(\\d+)`, "g");
  return text.trimEnd().replaceAll(at, (_, _folder, line) => `example.ts:${Number(line) - first + 1}`);
}

/** A report without what follows from single roundings: error bounds, and differences as shares of them. */
const steady = (text: string): string =>
  text
    .replaceAll(/\+-\s?[\d.e+-]+/g, "+- *")
    .replaceAll(/^(.* (?:right|WRONG|inconclusive|at a kink) +\d+ +)\S+(?= |$)/gm, "$1*")
    .replaceAll(/ +$/gm, "");
