import { FAULTS } from "../faults/index.ts";
import { HARD } from "../hard/index.ts";
import type { NotAsked, Results, TorchCounts, TorchFound, TorchResults } from "./results.ts";
import type { FaultRow, HardRow } from "./rows.ts";

/** Where the page stands, from the root of the repository. */
export const PAGE = "docs/gradient-checking-proof.md";

/** What is measured, for the page: all of it from the tables and from what came out. */
export function pageOf(own: Results, torch: TorchResults): string {
  const faults = FAULTS.flatMap(({ rows }) => rows);
  const found = faults.filter(({ name }) => own.faults[name] !== null).length;
  const totals = totalsOf(own);
  return `# Proof that the gradient checker works

Two tables: functions with a fault that \`checkGradients\` must find, and correct functions that are hard to check, which it
must not call wrong. Both stand in \`test/gradcheck\`, and run with the other tests. Beside it stands what
\`torch.autograd.gradcheck\` of PyTorch ${torch.version} says of the same functions with its default settings, of the inputs
of the same random cases (\`gradgradcheck\`, too, where a row is about second derivatives). The page is written by
\`npm run check:hard -- --write\`, what PyTorch says by \`test/gradcheck/torch/all.py\`.

## Seeded faults

Of ${faults.length} faults ${found} are found, in so many random cases as the table says; 200 are allowed. None of them counts
as found when the verdict is merely \`inconclusive\`, and for each the tests assert that the report names the operation and
the line of its call. PyTorch finds ${countFound(torch)}.

What PyTorch misses lies below its tolerances (a share of 1e-3, or 1e-5 in all), or where its default settings do not look:
forward mode, batching, the same tensor as two arguments, batches of one, cotangents other than 0 and 1. Forward and reverse
mode are two rules there, so that a wrong forward rule stands beside a right backward pass.

| Fault | What is wrong | Cotangent | Cases | The report names | PyTorch | Cases |
| --- | --- | --- | --- | --- | --- | --- |
${faults.map((row) => faultLine(row, own, torch)).join("\n")}

${reasonsOf(torch.faults)}

## Correct functions that are hard to check

${totals.runs} runs with random inputs: ${totals.right} right, ${totals.kink} at a kink (only of functions whose inputs may lie
on one), ${totals.inconclusive} inconclusive (${share(totals.inconclusive, totals.runs)}), ${totals.wrong} false alarms. PyTorch
has ${countRejected(torch)}. What is float32 here is float64 there, as \`gradcheck\` wants it. Where \`where\` hides
a square root of negative numbers (\`masked-sqrt\`), PyTorch's own gradient is NaN: that rejection is right.

| Function | What makes it hard | Runs | Right | Kink | Inconclusive | Wrong | PyTorch rejects |
| --- | --- | --- | --- | --- | --- | --- | --- |
${HARD.map((row) => hardLine(row, own, torch)).join("\n")}

${reasonsOf(torch.hard)}
`;
}

const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)}%`;

const cell = (text: string): string => text.replaceAll("|", "\\|");

const isReason = (one: NotAsked | object): one is NotAsked => "reason" in one;

function faultLine({ name, wrong, culprit }: FaultRow, own: Results, torch: TorchResults): string {
  const cases = own.faults[name];
  const { operation, operand } = culprit;
  const names = operand === undefined ? `\`${operation}\`` : `\`${operation}\`, operand ${operand}`;
  const cells = [
    name,
    cell(wrong),
    cases === null ? "missed" : "wrong",
    cases === null ? "-" : String(cases),
    names,
    ...torchFound(torch.faults[name]),
  ];
  return `| ${cells.join(" | ")} |`;
}

function torchFound(one: TorchFound | NotAsked): [verdict: string, cases: string] {
  if (isReason(one)) return ["not asked", "-"];
  return one.found === null ? ["missed", `${one.cases}`] : ["wrong", String(one.found)];
}

function hardLine({ name, hard }: HardRow, own: Results, torch: TorchResults): string {
  const { runs, right, kink, inconclusive, wrong } = own.hard[name];
  const cells = [name, cell(hard), runs, right, kink, inconclusive, wrong, torchRejected(torch.hard[name])];
  return `| ${cells.join(" | ")} |`;
}

const torchRejected = (one: TorchCounts | NotAsked): string =>
  isReason(one) ? "not asked" : `${one.rejected} of ${one.cases}`;

/** Why rows could not be asked about, with their names. */
function reasonsOf(all: Readonly<Record<string, object | NotAsked>>): string {
  const byReason = new Map<string, string[]>();
  for (const [name, one] of Object.entries(all)) {
    if (isReason(one)) byReason.set(one.reason, [...(byReason.get(one.reason) ?? []), name]);
  }
  const lines = [...byReason].map(([reason, names]) => `- ${names.join(", ")}: ${reason}.`);
  return `PyTorch was not asked about:\n\n${lines.join("\n")}`;
}

function countFound({ faults }: TorchResults): string {
  const asked = Object.values(faults).filter((one) => !isReason(one)) as TorchFound[];
  const found = asked.filter((one) => one.found !== null).length;
  return `${found} of the ${asked.length} that can be written there`;
}

function countRejected({ hard }: TorchResults): string {
  const asked = Object.values(hard).filter((one) => !isReason(one)) as TorchCounts[];
  const runs = asked.reduce((sum, { cases }) => sum + cases, 0);
  const rejected = asked.reduce((sum, one) => sum + one.rejected, 0);
  const functions = asked.filter((one) => one.rejected > 0).length;
  return `${rejected} in ${runs} cases (${share(rejected, runs)}), in ${functions} of ${asked.length} functions`;
}

function totalsOf({ hard }: Results) {
  const total = { runs: 0, right: 0, kink: 0, inconclusive: 0, wrong: 0 };
  for (const one of Object.values(hard)) {
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += one[key];
  }
  return total;
}
