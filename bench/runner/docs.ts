import { agreementSentence, describeParticipant, renderMarkdown, rivalsSentence, tableOf } from "./report.ts";
import type { Report } from "./results.ts";

const BEGIN = "<!-- benchmark:begin -->";
const END = "<!-- benchmark:end -->";

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
export function withResults(page: string, section: string): string {
  const [before, ...rest] = page.split(BEGIN);
  const [, after, ...more] = rest.length === 1 ? rest[0].split(END) : [];
  if (after === undefined || more.length > 0) {
    throw new Error(`the page must hold ${BEGIN} and, below it, ${END}, once each`);
  }
  return `${before}${BEGIN}\n${section}\n${END}${after}`;
}
