/** A property that does not hold, and of which kind that is: while a program is made smaller, it stays of its kind. */
export class PropertyFailure extends Error {
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Runs a check whose errors are failures of one kind; errors that have a class of their own are a kind by themselves. */
export function ofKind<T>(kind: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof PropertyFailure || !(error instanceof Error)) throw error;
    throw new PropertyFailure(error.constructor === Error ? kind : `${kind}: ${error.name}`, error.message);
  }
}
