import type { Culprit, Finding } from "./report.ts";

/** Findings that say the same of several elements, and the one that shows it best. */
export interface FindingGroup {
  /** The one with the largest relative error. */
  readonly shown: Finding;
  /** The others. */
  readonly others: readonly Finding[];
}

/** Groups of findings of one check, input, output and culprit, in the order of their first. */
export function groupFindings(findings: readonly Finding[]): FindingGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const one of findings) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].map((group) => {
    const shown = group.reduce((worst, next) => (sizeOf(next) > sizeOf(worst) ? next : worst));
    return { shown, others: group.filter((one) => one !== shown) };
  });
}

/** The elements that findings are about, each once, in their order. */
export function elementsOf(findings: readonly Finding[]): (readonly number[])[] {
  const known = new Map<string, readonly number[]>();
  for (const { element } of findings) {
    if (element !== null && !known.has(element.join())) known.set(element.join(), element);
  }
  return [...known.values()];
}

const keyOf = ({ verdict, check, order, input, output, culprit }: Finding): string =>
  JSON.stringify([verdict, check, order, input, output, culprit && ruleOf(culprit)]);

const ruleOf = ({ operation, line, operand }: Culprit) => [operation, line, operand];

/** NaN is worse than every number; what has no relative error is least. */
function sizeOf({ relativeError }: Finding): number {
  if (relativeError === null) return -1;
  return Number.isNaN(relativeError) ? Number.POSITIVE_INFINITY : relativeError;
}
