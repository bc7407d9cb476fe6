import {
  atEachCall,
  GradientError,
  gradients as gradientsOf,
  guarded,
  type HasVariables,
  runtimeNumber,
  type Tensor,
  traceLocal,
  type Variable,
  variable,
  zerosLike,
} from "@cotangent/core";
import { chain } from "./chain.ts";
import { checkLearningRate, rateAt, type Schedule } from "./learningRate.ts";
import { scaleByLearningRate } from "./scaleByLearningRate.ts";
import { captureState, type OptimizerState, type SlotVariables, slotValues, stepOf } from "./state.ts";
import { checkFits, checkGradients, checkVariables, type Target, trainableVariables } from "./targets.ts";
import type { AtStep, Slots, Transformation } from "./transformation.ts";

/**
 * Changes variables so that a loss falls: a transformation of gradients, with what it remembers held in variables of its
 * own, a learning rate, and a count of steps. Works the same in a plain loop and inside `compile`; no change of the
 * learning rate makes a new plan.
 */
export class Optimizer implements HasVariables {
  private readonly transformation: Transformation;
  private readonly slots = new Map<Variable, SlotVariables>();
  private rate: number | Schedule;
  private steps = 0;
  /** A state that was set before it was known which variables it belongs to. */
  private restored: OptimizerState | null = null;
  /** The rate of the step that is being built. */
  private rateNow: Tensor | null = null;

  /**
   * `transformation` gives the direction of each step (before the learning rate, uphill as gradients are).
   * @throws StateError for a learning rate that is neither a finite number of at least 0 nor a function
   */
  constructor(transformation: Transformation, { learningRate }: { learningRate: number | Schedule }) {
    this.rate = checkLearningRate(learningRate, this.constructor.name);
    this.transformation = chain(
      transformation,
      scaleByLearningRate(() => this.rateNow as Tensor),
    );
  }

  /** The rate of the next step. Set it to a number or to a schedule at any time. */
  get learningRate(): number {
    return guarded(() => rateAt(this.rate, this.steps, this.constructor.name));
  }

  set learningRate(value: number | Schedule) {
    this.rate = checkLearningRate(value, this.constructor.name);
  }

  /** How many steps were made; what schedules are given. */
  get stepCount(): number {
    return guarded(() => this.steps);
  }

  /** What the optimiser remembers, as variables: velocities and the like, once the first step has made them. */
  variables(): Variable[] {
    return [...this.slots.values()].flatMap((own) => Object.values(own));
  }

  /**
   * One step: the gradients of the loss by the target's trainable variables, and the update. Nothing is computed until
   * somebody reads a value, or the next step.
   * @returns the optimiser
   * @throws GradientError when the loss is no floating scalar, or depends on none of the variables; StateError when the target
   *   has no trainable variables.
   *   Variables are then as they were.
   */
  minimize(loss: Tensor, target: Target): this {
    const operation = `${this.constructor.name}.minimize`;
    const variables = trainableVariables(target, operation);
    const found = gradientsOf(loss, variables, { unused: "null" });
    if (found.every((gradient) => gradient === null)) throw unrelated(variables, operation);
    return this.step(
      variables,
      found.map((gradient, i) => gradient ?? zerosLike(variables[i])),
    );
  }

  /**
   * One step with gradients of your own, one for each variable.
   * @throws StateError for another number of gradients, what is not a trainable variable, or one listed twice;
   *   ShapeError or DTypeError for a gradient that does not fit. Variables are then as they were.
   */
  apply(variables: readonly Variable[], gradients: readonly Tensor[]): this {
    const operation = `${this.constructor.name}.apply`;
    checkGradients(checkVariables(variables, operation), gradients, operation);
    return this.step(variables, gradients);
  }

  /** Makes the memory for the target's trainable variables, which otherwise the first step does. */
  init(target: Target): this {
    this.slotsFor(trainableVariables(target, `${this.constructor.name}.init`));
    return this;
  }

  /**
   * What to save for going on later: the step count and all slots, copied, in the form of a module's `getState`. Set it
   * in an optimiser with the same options, whose variables are met in the same order. The learning rate is not part of
   * it. Before the first step a state is only kept, and checked when that step (or `init`) shows the variables.
   * @throws StateError, ShapeError or DTypeError for a state that does not fit; nothing has changed then
   */
  get state(): OptimizerState {
    if (this.restored !== null) return this.restored;
    return captureState(this.steps, this.slots.values());
  }

  set state(state: OptimizerState) {
    const steps = stepOf(state);
    if (this.slots.size === 0) {
      this.restored = { ...state };
    } else {
      const slots = [...this.slots.values()];
      const values = slotValues(state, slots);
      slots.forEach((own, i) => {
        for (const [name, cell] of Object.entries(own)) cell.assign(values[i][name]);
      });
    }
    this.steps = steps;
  }

  /** The slots of the variables, made where they are missing. */
  private slotsFor(variables: readonly Variable[]): SlotVariables[] {
    const missing = variables.filter((cell) => !this.slots.has(cell));
    if (missing.length > 0) {
      // Restored values are what the slots begin with: assigned inside `compile`, they would be assigned at every call.
      const initial = this.transformation.init(missing);
      const first = this.restored === null ? initial : slotValues(this.restored, initial);
      this.restored = null;
      missing.forEach((cell, i) => {
        this.slots.set(cell, slotVariables(cell, first[i]));
      });
    }
    return variables.map((cell) => this.slots.get(cell) as SlotVariables);
  }

  /** Builds and checks the whole step, then assigns. */
  private step(variables: readonly Variable[], gradients: readonly Tensor[]): this {
    const slots = this.slotsFor(variables);
    const wide = variables.some(({ dtype }) => dtype === "float64");
    // Steps of one call of a compiled function follow one another; plain ones are counted at once.
    const trace = traceLocal(this, () => ({ steps: 0 }));
    const ahead = trace === null ? 0 : trace.steps++;
    this.rateNow = runtimeNumber(
      () => rateAt(this.rate, this.steps + ahead, this.constructor.name),
      wide ? "float64" : "float32",
    );
    const atStep: AtStep = (value, dtype) => runtimeNumber(() => value(this.steps + ahead), dtype);
    try {
      const assignments = this.build(variables, gradients, slots, atStep);
      for (const [cell, value] of assignments) cell.assign(value);
    } finally {
      this.rateNow = null;
    }
    atEachCall(() => {
      this.steps++;
    });
    return this;
  }

  private build(
    variables: readonly Variable[],
    gradients: readonly Tensor[],
    slots: readonly SlotVariables[],
    atStep: AtStep,
  ): [Variable, Tensor][] {
    const [updates, after] = this.transformation.update(gradients, slots, variables, atStep);
    const operation = `${this.constructor.name}.step`;
    const assignments: [Variable, Tensor][] = [];
    for (let i = 0; i < variables.length; i++) {
      const cell = variables[i];
      checkFits(cell, updates[i], "update", operation);
      assignments.push([cell, cell.add(updates[i])]);
      for (const name in slots[i]) assignments.push([slots[i][name], after[i][name]]);
    }
    for (const [cell, value] of assignments) checkFits(cell, value, "new value", operation);
    return assignments;
  }
}

const slotVariables = (cell: Variable, initial: Slots): SlotVariables =>
  Object.fromEntries(
    Object.entries(initial).map(([name, value]) => [
      name,
      variable(value, { name: `${cell.name}.${name}`, trainable: false }),
    ]),
  );

function unrelated(variables: readonly Variable[], operation: string): GradientError {
  const names = variables.map(({ name }) => name);
  const shown = names.length > 4 ? [...names.slice(0, 4), `${names.length - 4} more`] : names;
  return new GradientError(`the loss depends on none of the variables ${shown.join(", ")}`, {
    operation,
    remedy: "Compute it with the model that is trained, without stopGradient or item() on the way",
  });
}
