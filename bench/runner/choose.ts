import type { Line } from "../lines/line.ts";
import { OptionError, type Options } from "./options.ts";

/**
 * The lines to measure, in the order of the report. A name stands for the line of that name, or else for all lines whose
 * names begin so; with `quick`, heavy lines must be named in full.
 * @throws OptionError when nothing is left
 */
export function chooseLines(
  lines: readonly Line[],
  { only, quick }: Pick<Options, "only" | "quick">,
): Line[] {
  const exact = new Set(only.filter((name) => lines.some((line) => line.name === name)));
  const beginnings = only.filter((name) => !exact.has(name));
  const chosen = lines.filter(({ name, heavy }) => {
    if (exact.has(name)) return true;
    if (quick && heavy) return false;
    return only.length === 0 || beginnings.some((beginning) => name.startsWith(beginning));
  });
  if (chosen.length === 0) {
    throw new OptionError("--quick leaves out heavy lines unless --only names them in full: nothing is left");
  }
  return chosen;
}
