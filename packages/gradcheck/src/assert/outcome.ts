import { TensorMismatchError } from "./errors.ts";

/** What became of an expectation, for assertions and matchers alike. */
export interface Outcome {
  readonly pass: boolean;
  /** What is so, in a sentence without a full stop: of the difference, or of what agrees. */
  readonly fact: string;
  /** What to do where that is not what is expected. */
  readonly remedy: string;
}

/** Throws unless the expectation is met. @throws TensorMismatchError */
export function assertOutcome(operation: string, { pass, fact, remedy }: Outcome): void {
  if (!pass) throw new TensorMismatchError(fact, { operation, remedy });
}
