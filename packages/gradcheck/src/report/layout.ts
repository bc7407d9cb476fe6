/** How wide printouts are at most, as far as their words allow. */
export const WIDTH = 100;

/**
 * Text in lines of at most `WIDTH`, each behind the indent; what follows the first line may be indented more. A word that
 * is longer than a line (a path) stays whole.
 */
export function wrap(text: string, indent = "", hanging = indent): string[] {
  return text.split("\n").flatMap((paragraph) => wrapParagraph(paragraph, indent, hanging));
}

function wrapParagraph(text: string, indent: string, hanging: string): string[] {
  const lines: string[] = [];
  let line = indent;
  let empty = true;
  for (const word of text.split(/\s+/).filter((one) => one !== "")) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = hanging;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return empty ? lines : [...lines, line];
}

/** A column of a table: numbers stand to the right. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** A table as lines; the last column is as wide as it likes. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map(({ title }) => title);
  const all = [titles, ...rows];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => row[at].length)));
  const cell = (text: string, at: number) =>
    columns[at].right ? text.padStart(widths[at]) : text.padEnd(widths[at]);
  return all.map((row) => row.map(cell).join("  ").trimEnd());
}
