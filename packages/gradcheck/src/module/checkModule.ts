import { checkGradients } from "../checkGradients.ts";
import { sameBits } from "../numeric/vectors.ts";
import { batchSizesProperty } from "../properties/batchSizes.ts";
import type { CheckResult } from "../properties/tally.ts";
import { read } from "../properties/tensors.ts";
import { vmapProperty } from "../properties/vmap.ts";
import { finding } from "../report/finding.ts";
import { bySeverity, type Finding, type GradientReport, worstOf } from "../report/report.ts";
import { batchIndependenceCheck, determinismCheck, evaluationCheck } from "./evaluation.ts";
import { Keeper } from "./keeper.ts";
import { type CheckableModule, checkLayer } from "./layer.ts";
import { checkModuleOptions, inputsFor, type ModuleCheckOptions, type ModuleInput } from "./options.ts";
import { hasModes, setMode } from "./parts.ts";
import { inWordsOfModules, isInput, Scene } from "./scene.ts";
import { stateCheck } from "./state.ts";

/**
 * Checks a module: anything with `variables()`, `namedVariables()` and `forward`. `input` is the shape of its input with the
 * batch axis in front, such as `[4, 3]`, a list of shapes, or `{ inputs: [x] }`; inputs are drawn from the seed, in the dtype
 * of the module's variables. Checked are:
 * - the gradients of the output by the inputs and by every floating variable, as `checkGradients` does, in evaluation and in
 *   training (draws, such as those of dropout, are the same at every call);
 * - state: the lists of variables agree and are complete, `getState` and `setState` bring back values and outputs;
 * - evaluation: calls change no variable; determinism: a second call gives the same bits;
 * - batch independence: a row of the output does not depend on other rows of the inputs;
 * - vmap of the module equals a loop; batches of size 0 and 1 work.
 *
 * What a module does not have (modes, state) is left out, and the report says so. Afterwards values, modes and plain fields
 * of the module are what they were, also after errors. A module that makes its variables when it is first called has them
 * then. Inputs are called `inputs[0]` in the report, variables `variables.kernel`.
 * @throws StateError for what is no module, no input or no option, and whatever `forward` throws for the inputs
 */
export function checkModule(
  layer: CheckableModule,
  input: ModuleInput,
  options: ModuleCheckOptions = {},
): GradientReport {
  checkLayer(layer);
  checkModuleOptions(options);
  const { seed = 0, name = layer.constructor?.name ?? "the module" } = options;
  const keeper = new Keeper(layer);
  try {
    if (hasModes(layer)) setMode(layer, false);
    const inputs = inputsFor(layer, input, seed);
    const scene = new Scene(layer, inputs, name, seed);
    // Some modules make their variables now.
    read([scene.forward(...inputs)]);
    keeper.add(layer.variables());
    keeper.restoreValues();
    return new ModuleCheck(scene, keeper, options).report();
  } finally {
    keeper.restore();
  }
}

class ModuleCheck {
  private readonly reports: GradientReport[] = [];
  private readonly results: CheckResult[] = [];

  constructor(
    private readonly scene: Scene,
    private readonly keeper: Keeper,
    private readonly options: ModuleCheckOptions,
  ) {}

  report(): GradientReport {
    const { scene, keeper } = this;
    const { layer } = scene;
    this.add(() => determinismCheck(scene));
    this.add(() => evaluationCheck(scene, keeper));
    this.add(() => stateCheck(scene));
    this.add(() => this.independence());
    this.add(() => vmapProperty(scene.subject()));
    this.add(() => batchSizesProperty(scene.subject(), isInput));
    if (!hasModes(layer)) this.gradients(null);
    else {
      this.gradients("evaluation");
      setMode(layer, true);
      this.gradients("training");
    }
    return this.merged();
  }

  /** A check in evaluation. What it changes is put back. */
  private add(check: () => CheckResult): void {
    this.results.push(check());
    this.keeper.restoreValues();
  }

  private independence(): CheckResult {
    if (this.options.independentRows !== false) return batchIndependenceCheck(this.scene);
    const note = "rows may depend on one another";
    return {
      summary: { check: "batchIndependence", order: 0, verdict: "right", compared: 0, worst: null, note },
      findings: [],
    };
  }

  /** The gradients in a mode; null for modules that know none. */
  private gradients(mode: string | null): void {
    const { scene, keeper, options } = this;
    const { independentRows: _, name: __, ...rest } = options;
    const unrepeatable = this.drawsOtherwise(mode);
    if (unrepeatable !== null) {
      this.results.push(unrepeatable);
      return;
    }
    const report = checkGradients(scene.withSameDraws, [scene.argument()], { ...rest, name: scene.name });
    keeper.restoreValues();
    this.reports.push(mode === null ? report : inMode(report, mode));
  }

  /** Whether two calls differ although draws are the same: there are no gradients to check then. */
  private drawsOtherwise(mode: string | null): CheckResult | null {
    const { scene, keeper } = this;
    const [once, again] = [0, 1].map(() => {
      const [data] = read([scene.withSameDraws(scene.argument())]);
      keeper.restoreValues();
      return data;
    });
    if (sameBits(once, again)) return null;
    const where = mode === null ? "" : `In ${mode} `;
    const message = `${where}${scene.name} gives another output at each call, so its gradients cannot be checked: draw with the library's random functions, from the default generator or with a key`;
    const summary = { check: "determinism", order: 0, verdict: "inconclusive", compared: once.length, worst: null, note: mode } as const; // biome-ignore format: one object
    return {
      summary,
      findings: [finding("determinism", message, { verdict: "inconclusive", output: "output" })],
    };
  }

  private merged(): GradientReport {
    const { reports, results, scene } = this;
    const findings = [...results, ...reports].flatMap((one) => one.findings).map(worded);
    const checks = [
      ...results.map(({ summary }) => summary),
      ...reports.flatMap((report) => report.checks),
    ].map((summary) => ({ ...summary, note: summary.note === null ? null : inWordsOfModules(summary.note) }));
    const verdict = worstOf([...findings, ...checks].map((one) => one.verdict));
    return {
      name: scene.name,
      verdict,
      ok: verdict === "right",
      inputs: scene
        .subject()
        .inputs()
        .map((one) => ({ ...one, path: inWordsOfModules(one.path) })),
      findings: bySeverity(findings),
      checks,
      kinks: reports.flatMap(({ kinks }) => kinks).toSorted((a, b) => a.distance - b.distance),
      moved: reports.some(({ moved }) => moved),
      seed: scene.seed,
    };
  }
}

/** A report that says in which mode of the module it was made. */
const inMode = (report: GradientReport, mode: string): GradientReport => ({
  ...report,
  findings: report.findings.map((finding) => ({ ...finding, message: `In ${mode}: ${finding.message}` })),
  checks: report.checks.map((check) => ({ ...check, note: [mode, check.note].filter(Boolean).join(", ") })),
});

/** A finding in the words of whoever wrote the module. */
const worded = (finding: Finding): Finding => ({
  ...finding,
  input: finding.input === null ? null : inWordsOfModules(finding.input),
  output: finding.output === null ? null : inWordsOfModules(finding.output),
  message: inWordsOfModules(finding.message),
});
