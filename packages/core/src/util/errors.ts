/** What an error is about, for programs that want more than its sentence. */
export interface ErrorDetails {
  /** The operation that refused, by its public name. */
  readonly operation?: string;
  /** The shapes that it was given. */
  readonly shapes?: readonly (readonly number[])[];
  /** The dtypes that it was given. */
  readonly dtypes?: readonly string[];
  /** The file that could not be read or written. */
  readonly file?: string;
  /** The name of the variable in question. */
  readonly variable?: string;
  /** The line that made the tensor in question, in the host's notation; known in debug mode. */
  readonly origin?: string;
  /** What to do about it: a sentence of its own. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** Base class of every error thrown by Cotangent: `operation: what is wrong. What to do`. */
export class CotangentError extends Error {
  readonly operation: string | undefined;
  readonly shapes: readonly (readonly number[])[] | undefined;
  readonly dtypes: readonly string[] | undefined;
  readonly file: string | undefined;
  readonly variable: string | undefined;
  readonly origin: string | undefined;
  readonly remedy: string | undefined;

  /** The class's name; written out in each class, since minifiers rename classes. */
  override readonly name: string = "CotangentError";

  constructor(message: string, details: ErrorDetails = {}) {
    super(sentence(message, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.operation = details.operation;
    this.shapes = details.shapes;
    this.dtypes = details.dtypes;
    this.file = details.file;
    this.variable = details.variable;
    this.origin = details.origin;
    this.remedy = details.remedy;
  }
}

function sentence(message: string, { operation, remedy }: ErrorDetails): string {
  const prefix = operation === undefined || message.startsWith(`${operation}:`) ? "" : `${operation}: `;
  const suffix = remedy === undefined ? "" : `${/[.?!]$/.test(message) ? "" : "."} ${remedy}`;
  return `${prefix}${message}${suffix}`;
}

/** Shapes that do not fit the operation or one another. */
export class ShapeError extends CotangentError {
  override readonly name = "ShapeError";
}
/** A dtype that the operation does not accept. */
export class DTypeError extends CotangentError {
  override readonly name = "DTypeError";
}
/** A derivative that does not exist, or that would silently be wrong. */
export class GradientError extends CotangentError {
  override readonly name = "GradientError";
}
/** A value that was overwritten by later assignments before it was read. */
export class StaleValueError extends CotangentError {
  override readonly name = "StaleValueError";
}
/** The engine cannot do what was asked: out of memory, a failed compilation, a trap. */
export class EngineError extends CotangentError {
  override readonly name = "EngineError";
}
/** A file or a serialised object that is damaged or not in the expected format. */
export class FormatError extends CotangentError {
  override readonly name = "FormatError";
}
/** Something that cannot be done while a function is being traced. */
export class TraceError extends CotangentError {
  override readonly name = "TraceError";
}
/** An index, an axis or a range that is out of bounds. */
export class IndexError extends CotangentError {
  override readonly name = "IndexError";
}
/** In debug mode: an operation made NaN or an infinity out of finite numbers. */
export class NonFiniteError extends CotangentError {
  override readonly name = "NonFiniteError";
}
/** An object used in a state that does not allow it, or an argument of the wrong kind. */
export class StateError extends CotangentError {
  override readonly name = "StateError";
}
