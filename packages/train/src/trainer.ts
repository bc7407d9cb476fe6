import { checkOptions, type ModuleLike, StateError, type Tensor } from "@cotangent/core";
import { Averages } from "./averages.ts";
import { CallbackList } from "./callbacks.ts";
import { checkCount } from "./checks.ts";
import { History, type Logs } from "./history.ts";
import { resolveLoss } from "./losses.ts";
import { type MetricFunction, resolveMetrics } from "./metrics.ts";
import { inMode } from "./mode.ts";
import {
  checkModel,
  checkOptimizer,
  type EvaluateOptions,
  type FitOptions,
  type FitPlan,
  planFit,
  type TrainerOptions,
} from "./options.ts";
import { Pause } from "./pause.ts";
import { predictAll } from "./predict.ts";
import { type Progress, seconds } from "./progress/progress.ts";
import { checkExamples, DEFAULT_BATCH_SIZE, type Source, sourceOf, type TrainingData } from "./source.ts";
import {
  checkLoss,
  checkWeights,
  evaluationStep,
  type LossFunction,
  type OptimizerLike,
  trainingStep,
} from "./step.ts";

/**
 * Trains a model, measures it, and predicts with it.
 *
 * ```ts
 * const trainer = new Trainer(model, { optimizer, loss: losses.categoricalCrossEntropy, metrics: ["accuracy"] });
 * const history = await trainer.fit({ x, y }, { epochs: 10, batchSize: 32, validationSplit: 0.1 });
 * const { loss, accuracy } = await trainer.evaluate({ x: xTest, y: yTest });
 * const probabilities = await trainer.predict(images);
 * ```
 *
 * Data are tensors whose first axis counts the examples, data sets or batches of `@cotangent/data`. A model with modes
 * is trained in train mode and used in eval mode, and is left in the mode it was in.
 */
export class Trainer {
  readonly model: ModuleLike;
  readonly optimizer: OptimizerLike;
  readonly #loss: LossFunction;
  readonly #metrics: ReadonlyMap<string, MetricFunction>;
  #fitting = false;
  #stopped = false;

  /** @throws StateError for parts of another kind, or metrics that do not exist */
  constructor(model: ModuleLike, options: TrainerOptions) {
    checkModel(model);
    checkOptions("Trainer", options, ["optimizer", "loss", "metrics"]);
    checkOptimizer(options.optimizer);
    this.model = model;
    this.optimizer = options.optimizer;
    this.#loss = resolveLoss(options.loss);
    this.#metrics = resolveMetrics(options.metrics ?? []);
  }

  /**
   * Trains the model: for every batch, the loss, its gradients and one step of the optimiser.
   * @throws StateError when the loss or a weight stops being a finite number, and for options that make no sense;
   * ShapeError for data that do not fit
   */
  async fit(data: TrainingData, options: FitOptions = {}): Promise<History> {
    if (this.#fitting) {
      throw new StateError("this trainer is training already", {
        operation: "fit",
        remedy: "Await the first fit",
      });
    }
    const plan = planFit(data, options);
    const callbacks = new CallbackList(options.callbacks ?? [], this);
    this.#fitting = true;
    this.#stopped = false;
    try {
      return await inMode(this.model, true, () => this.#run(plan, callbacks));
    } finally {
      this.#fitting = false;
      plan.progress.close();
    }
  }

  /** Ends the present `fit` after this batch; the epoch's validation and the callbacks still run. */
  stop(): void {
    this.#stopped = true;
  }

  /** The mean loss and metrics over the data: `{ loss, accuracy }`. Changes nothing. */
  async evaluate(data: TrainingData, options: EvaluateOptions = {}): Promise<Logs> {
    checkOptions("evaluate", options, ["batchSize"]);
    return (await this.#measure("evaluate", sourceOf("evaluate", data, options), "")) as Logs;
  }

  /**
   * The model's outputs for x [n, ...], computed batch by batch, as a tensor [n, ...] with data.
   * @throws ShapeError for one example without a batch axis: make it a batch of one with `x.expandDims(0)`
   */
  async predict(x: Tensor, options: EvaluateOptions = {}): Promise<Tensor> {
    const operation = "predict";
    checkOptions(operation, options, ["batchSize"]);
    const batchSize = checkCount(operation, "batchSize", options.batchSize ?? DEFAULT_BATCH_SIZE);
    checkExamples(operation, "x", x);
    return inMode(this.model, false, () => predictAll(this.model, x, batchSize));
  }

  async #run({ epochs, training, validation, progress }: FitPlan, callbacks: CallbackList): Promise<History> {
    const history = new History();
    await callbacks.call("onTrainBegin");
    for (let epoch = 0; epoch < epochs && !this.#stopped; epoch++) {
      const began = seconds();
      await callbacks.call("onEpochBegin", epoch);
      if (this.#stopped) break;
      progress.epochBegin(epoch);
      const { steps, means } = await this.#trainEpoch(epoch, training, progress, callbacks);
      const validated = validation === undefined ? {} : await this.#validate(epoch, validation);
      const logs = { ...means, ...validated } as Logs;
      history.epochs.push({ epoch, steps, seconds: seconds() - began, logs });
      progress.epochEnd(steps, logs);
      await callbacks.call("onEpochEnd", epoch, logs);
    }
    await checkWeights(this.model.variables(), "after the last step");
    await callbacks.call("onTrainEnd", history);
    return history;
  }

  /** The steps of an epoch, and the means over it. */
  async #trainEpoch(
    epoch: number,
    training: Source,
    progress: Progress,
    callbacks: CallbackList,
  ): Promise<{ steps: number; means: Record<string, number> }> {
    const names = this.#names();
    const averages = new Averages(names);
    const pause = new Pause();
    let steps = 0;
    for await (const batch of training.epoch(epoch)) {
      const values = await trainingStep(this.#parts(), this.optimizer, batch);
      checkLoss(values[0], `in step ${steps + 1} of epoch ${epoch + 1}`);
      averages.add(values, batch.x.shape[0]);
      steps++;
      progress.step(steps, averages.means() as Logs);
      await callbacks.call("onBatchEnd", steps - 1, zip(names, values));
      if (this.#stopped) break;
      await pause.ifDue();
    }
    return { steps, means: averages.means() };
  }

  async #validate(epoch: number, validation: Source): Promise<Record<string, number>> {
    const logs = await this.#measure("fit", validation, "val_");
    checkLoss(logs.val_loss, `on the validation data after epoch ${epoch + 1}`);
    return logs;
  }

  #measure(operation: string, source: Source, prefix: string): Promise<Record<string, number>> {
    return inMode(this.model, false, async () => {
      const averages = new Averages(this.#names());
      const pause = new Pause();
      for await (const batch of source.epoch(0)) {
        averages.add(await evaluationStep(operation, this.#parts(), batch), batch.x.shape[0]);
        await pause.ifDue();
      }
      return averages.means(prefix);
    });
  }

  #parts() {
    return { model: this.model, loss: this.#loss, metrics: this.#metrics };
  }

  #names(): string[] {
    return ["loss", ...this.#metrics.keys()];
  }
}

const zip = (names: readonly string[], values: readonly number[]): Logs =>
  Object.fromEntries(names.map((name, i) => [name, values[i]])) as Logs;
