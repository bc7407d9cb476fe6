/** The benchmark's command line: `npm run bench -- --help`. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../../scripts/build.mjs";
import { lines } from "../lines/index.ts";
import type { Line } from "../lines/line.ts";
import { bundleCotangent, measureSizes } from "./bundle.ts";
import { chooseLines } from "./choose.ts";
import { resultsSection, withResults } from "./docs.ts";
import { describeMachine } from "./machine.ts";
import { OptionError, type Options, parseOptions, usage } from "./options.ts";
import { isaVariables, type PeerSpec, peers } from "./peers.ts";
import { PeerProcess } from "./process.ts";
import {
  agreementSentence,
  describeParticipant,
  remarks,
  renderText,
  rivalsSentence,
  tableOf,
} from "./report.ts";
import type { Participant, Report, Row } from "./results.ts";
import { type Log, measureFirst, measureIterations } from "./rounds.ts";

/** The average number of programs at work from which on figures are doubtful. */
const BUSY = 0.5;

const page = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));

try {
  const known = { lines: lines.map(({ name }) => name), peers: peers.map(({ name }) => name) };
  const command = parseOptions(process.argv.slice(2), known);
  if (command.do === "help") console.log(usage);
  else if (command.do === "list") list();
  else process.exitCode = await run(command.options);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

function list(): void {
  const entry = ({ name, title }: { name: string; title: string }) => `  ${name.padEnd(28)}${title}`;
  console.log(["Lines:", ...lines.map(entry), "", "Peers:", ...peers.map(entry)].join("\n"));
}

/** Measures and reports. @returns the exit code: 1 when a peer failed or did other work */
async function run(options: Options): Promise<number> {
  const { json, writeDocs } = options;
  if (json !== undefined && !existsSync(dirname(resolve(json)))) {
    throw new OptionError(`--json: there is no folder ${dirname(resolve(json))}`);
  }
  const chosen = chooseLines(lines, options);
  await bundleCotangent();
  if (chosen.some(({ measure }) => measure === "size")) await build();

  const warnings = new Map<string, string>();
  const log = terminalLog(warnings);
  const variables = options.isa === undefined ? undefined : isaVariables[options.isa];
  const wanted = peers
    .filter(({ name }) => options.peers.length === 0 || options.peers.includes(name))
    .map((spec) => ({ ...spec, variables }));
  warnOfLoad(log);
  const { specs, participants } = await present(wanted, options, log);
  const rows: Row[] = [];
  for (const line of chosen) rows.push(await measure(line, specs, options, log));
  log.progress("");

  const report: Report = {
    date: new Date().toISOString(),
    machine: `${describeMachine()}${options.isa === undefined ? "" : `; native peers held to ${options.isa}`}`,
    quick: options.quick,
    participants,
    rows,
    warnings: [...warnings.values()],
  };
  print(report);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  const failed = remarks(report).length > 0;
  if (writeDocs && !failed) {
    writeFileSync(page, withResults(readFileSync(page, "utf8"), resultsSection(report), options.isa));
    console.log(`\nWritten to ${page}.`);
  } else if (writeDocs) console.log("\nNothing is written to the docs: see the remarks above.");
  return failed ? 1 : 0;
}

/** Other programs take processors away from some peers and not from others. */
function warnOfLoad(log: Log): void {
  const [load] = loadavg();
  if (load > BUSY) log.warn(`the machine is busy (load ${load.toFixed(1)}): the figures will mean little`);
}

/** The peers that are installed. */
async function present(wanted: readonly PeerSpec[], { timeoutMs }: Options, log: Log) {
  const specs: PeerSpec[] = [];
  const participants: Participant[] = [];
  for (const spec of wanted) {
    log.progress(`looking for ${spec.name}`);
    const { name, title } = spec;
    try {
      const { peer, hello } = await PeerProcess.start(spec, timeoutMs);
      await peer.stop();
      if ("missing" in hello) {
        log.note(`${title} is left out: there is no ${hello.missing}`);
        continue;
      }
      specs.push(spec);
      participants.push({ name, title, version: hello.version, note: hello.note });
      log.note(describeParticipant({ name, title, version: hello.version, note: hello.note }));
    } catch (error) {
      log.warn(`${title} is left out: it ${(error as Error).message}`);
    }
  }
  return { specs, participants };
}

function measure(line: Line, specs: readonly PeerSpec[], options: Options, log: Log): Promise<Row> {
  if (line.measure === "iteration") return measureIterations(line, specs, options, log);
  if (line.measure === "first") return measureFirst(line, specs, options, log);
  return measureSizes(
    line,
    specs.map(({ name }) => name),
  );
}

function print(report: Report): void {
  console.log(`\n${report.machine}${report.quick ? "; quick: to see that it works, not to measure" : ""}\n`);
  console.log(renderText(tableOf(report)));
  const sentences = [rivalsSentence(report), ...remarks(report)];
  if (remarks(report).length === 0) sentences.push(agreementSentence(report));
  for (const sentence of sentences) if (sentence !== undefined) console.log(`\n${sentence}`);
}

/** Progress in one line that is written over, where that is possible. */
function terminalLog(warnings: Map<string, string>): Log {
  const { stderr } = process;
  const clear = () => {
    if (stderr.isTTY) stderr.write("\r\u001b[K");
  };
  const note = (text: string) => {
    clear();
    console.error(text);
  };
  return {
    note,
    progress(text) {
      clear();
      if (stderr.isTTY) stderr.write(text);
    },
    warn(text, about = text) {
      if (!warnings.has(about)) note(`Warning: ${text}`);
      warnings.set(about, text);
    },
  };
}
