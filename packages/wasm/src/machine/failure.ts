import { EngineError } from "@cotangent/core";

/** A run that ended half-way: what it writes is partly written. */
export class RunFailure extends EngineError {}

/** The remedy of errors that no program should meet. */
export const REPORT = "This is a fault of the engine: please report it, with the program that leads here.";
