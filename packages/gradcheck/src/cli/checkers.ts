import { checkGradients } from "../checkGradients.ts";
import { checkModule } from "../module/checkModule.ts";
import type { Checkers } from "./subjects.ts";

/** How the command checks functions and modules. */
export const checkers: Checkers = { checkGradients, checkModule };
