import type { DType } from "../types/dtype.ts";
import { type Formula, Level } from "./form.ts";

/** The shortest decimal number that becomes `value` in the dtype: 0.1 for what float32 makes of 0.1. */
export function shortest(value: number, dtype: DType): number {
  if (dtype !== "float32" || !Number.isFinite(value) || Number.isInteger(value)) return value;
  const stored = Math.fround(value);
  for (let digits = 6; digits <= 9; digits++) {
    const candidate = Number(stored.toPrecision(digits));
    if (Math.fround(candidate) === stored) return candidate;
  }
  return value;
}

/** Numbers that have a name in formulas. */
const NAMED: readonly {
  readonly value: number;
  readonly text: string;
  readonly latex: string;
  readonly level: number;
}[] = [
  { value: Math.PI, text: "pi", latex: "\\pi", level: Level.atom },
  { value: Math.E, text: "e", latex: "e", level: Level.atom },
  { value: Math.LN2, text: "log(2)", latex: "\\log\\left(2\\right)", level: Level.atom },
  { value: Math.LN10, text: "log(10)", latex: "\\log\\left(10\\right)", level: Level.atom },
  { value: Math.sqrt(Math.PI), text: "sqrt(pi)", latex: "\\sqrt{\\pi}", level: Level.atom },
  {
    value: 2 / Math.sqrt(Math.PI),
    text: "2 / sqrt(pi)",
    latex: "\\frac{2}{\\sqrt{\\pi}}",
    level: Level.product,
  },
];

/** A number as formulas show it: as short as it can be, or by its name. */
export function numberFormula(value: number, dtype: DType, latex = false): Formula {
  if (dtype === "bool") return { text: value !== 0 ? "true" : "false", level: Level.atom };
  const size = Math.abs(value);
  const { text, level } = positiveNumber(size, dtype, latex);
  const negative = value < 0 || Object.is(value, -0);
  return negative
    ? { text: `-${text}`, minus: text, level: Math.min(level, Level.prefix), number: true }
    : { text, level, number: true, digit: true };
}

function positiveNumber(value: number, dtype: DType, latex: boolean): { text: string; level: number } {
  const named = NAMED.find(
    (one) => one.value === value || (dtype === "float32" && Math.fround(one.value) === value),
  );
  if (named !== undefined) return { text: latex ? named.latex : named.text, level: named.level };
  const text = String(shortest(value, dtype));
  if (!latex) return { text, level: Level.atom };
  if (Number.isNaN(value)) return { text: "\\mathrm{NaN}", level: Level.atom };
  if (!Number.isFinite(value)) return { text: "\\infty", level: Level.atom };
  const [digits, exponent] = text.split("e");
  if (exponent === undefined) return { text, level: Level.atom };
  return { text: `${digits} \\cdot 10^{${Number(exponent)}}`, level: Level.product };
}

const GREEK = new Set(
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega".split(
    " ",
  ),
);

/** A name in LaTeX: Greek letters by name, subscripts after `_`, several letters upright. */
export function latexName(name: string): string {
  const [head, ...indices] = name.split("_");
  const lower = head.toLowerCase();
  const letter = GREEK.has(lower) && (head === lower || head === lower[0].toUpperCase() + lower.slice(1));
  const text = letter ? `\\${head}` : /^\p{L}'*$/u.test(head) || head === "" ? head : upright(head);
  const below = indices
    .filter((index) => index !== "")
    .map((index) => (/^(\d+|\p{L})$/u.test(index) ? index : upright(index)));
  return below.length === 0 ? text : `${text}_{${below.join(",")}}`;
}

const upright = (text: string): string => `\\mathrm{${text.replaceAll("_", "\\_")}}`;
