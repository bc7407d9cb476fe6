import type { Tensor } from "../ir/tensor.ts";
import { formatShape } from "../types/shape.ts";
import { describeValue } from "../types/trees.ts";
import { ShapeError, StateError } from "../util/errors.ts";

/** Subscripts taken apart: a label for each axis of each operand, and for each axis of the result. */
export interface Notation {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
  /** The size of each label. */
  readonly sizes: ReadonlyMap<string, number>;
}

const refuse = (subscripts: string, message: string, remedy: string): never => {
  throw new StateError(`"${subscripts}": ${message}`, { operation: "einsum", remedy });
};

/** Axes behind an ellipsis, counted from its end: those of several operands are aligned there. */
const hidden = (count: number): string[] => Array.from({ length: count }, (_, i) => `...${count - i}`);

const ELLIPSIS = "...";
/** An ellipsis, or a letter, one after the other. */
const TERM = /^(?:[A-Za-z]|\.\.\.)*$/;

function symbolsOf(subscripts: string, term: string): string[] {
  if (!TERM.test(term)) {
    const odd = term.replace(/\.\.\./g, "").match(/[^A-Za-z]/)?.[0];
    refuse(subscripts, `"${odd}" in "${term}" is no subscript`, 'Use letters, "..." and "->"');
  }
  const symbols = term.match(/\.\.\.|[A-Za-z]/g) ?? [];
  if (symbols.filter((symbol) => symbol === ELLIPSIS).length > 1) {
    refuse(subscripts, `"${term}" has more than one ellipsis`, "One stands for all axes that are not named");
  }
  return symbols;
}

/** What the subscripts say of these operands. @throws StateError where they contradict themselves, ShapeError the shapes */
export function parseEinsum(subscripts: string, operands: readonly Tensor[]): Notation {
  if (typeof subscripts !== "string") {
    throw new StateError(`subscripts are a string such as "ij,jk->ik", not ${describeValue(subscripts)}`, {
      operation: "einsum",
      remedy: "Pass them first, then the operands",
    });
  }
  const [left, right, ...more] = subscripts.replace(/\s/g, "").split("->");
  if (more.length > 0)
    refuse(subscripts, "there is more than one arrow", "Put one arrow before the subscripts of the result");
  const terms = left.split(",").map((term) => symbolsOf(subscripts, term));
  if (terms.length !== operands.length) {
    refuse(
      subscripts,
      `subscripts for ${terms.length} operands, but there are ${operands.length}`,
      "Separate those of each operand with commas",
    );
  }
  const inputs = terms.map((term, i) => labelsOf(subscripts, term, operands[i], i));
  const sizes = sizesOf(subscripts, inputs, operands);
  return { inputs, sizes, output: outputOf(subscripts, inputs, right) };
}

function labelsOf(subscripts: string, term: readonly string[], x: Tensor, index: number): string[] {
  const rest = x.rank - term.filter((symbol) => symbol !== ELLIPSIS).length;
  if (rest < 0 || (rest > 0 && !term.includes(ELLIPSIS))) {
    throw new ShapeError(
      `"${subscripts}": "${term.join("")}" names ${x.rank - rest} axes, operand ${index} of shape ${formatShape(x.shape)} has ${x.rank}`,
      {
        operation: "einsum",
        shapes: [x.shape],
        remedy: 'Give a letter for each axis; "..." stands for those that are not named',
      },
    );
  }
  return term.flatMap((symbol) => (symbol === ELLIPSIS ? hidden(rest) : [symbol]));
}

/** Only axes behind an ellipsis stretch from 1. */
function sizesOf(
  subscripts: string,
  inputs: readonly (readonly string[])[],
  operands: readonly Tensor[],
): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      const size = operands[i].shape[axis];
      const known = sizes.get(label);
      const stretches = label.startsWith(ELLIPSIS);
      if (known === undefined || (stretches && known === 1)) sizes.set(label, size);
      else if (known !== size && !(stretches && size === 1)) {
        const what = stretches
          ? `axes behind "..." (the last but ${Number(label.slice(3)) - 1})`
          : `subscript ${label}`;
        throw new ShapeError(
          `"${subscripts}": ${what} has sizes ${known} and ${size} in ${operands.map((one) => formatShape(one.shape)).join(" and ")}`,
          {
            operation: "einsum",
            shapes: operands.map(({ shape }) => shape),
            remedy: stretches
              ? "Axes behind an ellipsis must have one size, or 1"
              : "A letter stands for one size everywhere",
          },
        );
      }
    });
  });
  return sizes;
}

/** Without an arrow: what is behind ellipses, then the letters that stand once, in alphabetical order. */
function outputOf(
  subscripts: string,
  inputs: readonly (readonly string[])[],
  given: string | undefined,
): string[] {
  const all = inputs.flat();
  const behind = hidden(
    Math.max(0, ...inputs.map((labels) => labels.filter((label) => label.startsWith(ELLIPSIS)).length)),
  );
  if (given === undefined) {
    const once = all.filter((label) => label.length === 1 && all.indexOf(label) === all.lastIndexOf(label));
    return [...behind, ...once.sort()];
  }
  const symbols = symbolsOf(subscripts, given);
  for (const symbol of symbols) {
    if (symbol !== ELLIPSIS && !all.includes(symbol)) {
      refuse(subscripts, `subscript ${symbol} of the result is in no operand`, "Use letters of the operands");
    }
    if (symbols.indexOf(symbol) !== symbols.lastIndexOf(symbol)) {
      refuse(
        subscripts,
        `subscript ${symbol} stands twice in the result`,
        "Name each axis of the result once",
      );
    }
  }
  if (behind.length > 0 && !symbols.includes(ELLIPSIS)) {
    refuse(
      subscripts,
      "axes behind an ellipsis are missing in the result",
      'Put "..." behind the arrow, too',
    );
  }
  return symbols.flatMap((symbol) => (symbol === ELLIPSIS ? behind : [symbol]));
}
