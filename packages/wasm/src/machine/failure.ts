import { EngineError } from "@cotangent/core";

/** A run that ended half-way: what it writes is partly written. */
export class RunFailure extends EngineError {}
