import { StateError } from "./errors.ts";

/** The version of this copy of core; the same in all packages of one release. */
export const VERSION = "0.1.0";

const KEY = Symbol.for("cotangent/core@1");

interface SharedState {
  readonly version: string;
  readonly slots: Map<string, unknown>;
}

/**
 * State that exists once per process, however often and in whichever module format core is loaded:
 * two copies of the same version share it, a copy of another version refuses to load.
 */
function sharedState(): SharedState {
  const holder = globalThis as { [KEY]?: SharedState };
  const existing = holder[KEY];
  if (existing === undefined) {
    const created: SharedState = { version: VERSION, slots: new Map() };
    Object.defineProperty(globalThis, KEY, { value: created, configurable: true });
    return created;
  }
  if (existing.version !== VERSION) {
    throw new StateError(
      `@cotangent/core ${VERSION} was loaded into a process that already runs @cotangent/core ${existing.version}`,
      { remedy: "Install one version only: `npm ls @cotangent/core` shows who asks for which" },
    );
  }
  return existing;
}

const state = sharedState();

/** The process-wide value in `slot`, made by `create` for whoever asks first. */
export function shared<T>(slot: string, create: () => T): T {
  if (!state.slots.has(slot)) state.slots.set(slot, create());
  return state.slots.get(slot) as T;
}
