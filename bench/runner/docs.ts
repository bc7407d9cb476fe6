import type { Isa } from "./peers.ts";
import { agreementSentence, describeParticipant, renderMarkdown, rivalsSentence, tableOf } from "./report.ts";
import type { Report } from "./results.ts";

/** What stands around a section: one is for runs with all instruction sets, one for each that peers can be held to. */
const markers = (isa: Isa | undefined): readonly [string, string] => {
  const name = isa === undefined ? "benchmark" : `benchmark:${isa}`;
  return [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
};

/** The section between the markers: where and when, who took part, the table. */
export function resultsSection(report: Report): string {
  const sentences = [rivalsSentence(report), agreementSentence(report)].filter((one) => one !== undefined);
  return [
    `Measured on ${report.date.slice(0, 10)}: ${report.machine}. Two threads.`,
    "",
    ...report.participants.map((one) => `- ${describeParticipant(one)}`),
    "",
    renderMarkdown(tableOf(report)),
    ...sentences.flatMap((one) => ["", one]),
  ].join("\n");
}

/**
 * The page with the section between its markers replaced.
 * @throws Error when the markers are not there, once each and in order
 */
export function withResults(page: string, section: string, isa?: Isa): string {
  const [begin, end] = markers(isa);
  const [before, ...rest] = page.split(begin);
  const [, after, ...more] = rest.length === 1 ? rest[0].split(end) : [];
  if (after === undefined || more.length > 0) {
    throw new Error(`the page must hold ${begin} and, below it, ${end}, once each`);
  }
  return `${before}${begin}\n${section}\n${end}${after}`;
}
