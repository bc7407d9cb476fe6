/** Mutants that are no mistakes: what they change cannot be seen in any derivative. By name, with the proof. */
export const EQUIVALENT: Readonly<Record<string, string>> = {};
