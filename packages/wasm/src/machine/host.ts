/**
 * What the machine uses of its host. Declared here and not taken from a library of types: the `dom` one is not there
 * in Node, the ones of Node not in browsers, and a host may lack each of these.
 */

/** `WebAssembly.Memory`. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  /** Grows by that many pages of 64 KiB; gives the number of pages before. */
  grow(pages: number): number;
}

/** `WebAssembly.Table` of functions. */
export interface WasmTable {
  readonly length: number;
  get(index: number): unknown;
  set(index: number, value: unknown): void;
  grow(slots: number): number;
}

/** `WebAssembly.Instance`. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** `WebAssembly`. */
export interface WasmNamespace {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Readonly<Record<string, unknown>>) => WasmInstance;
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
  readonly Table: new (limits: { initial: number; element: "anyfunc" }) => WasmTable;
  readonly RuntimeError: new (message?: string) => Error;
}

/** The host's own, looked up when it is needed: tests and content policies take parts of it away. */
interface Host {
  readonly WebAssembly?: WasmNamespace;
  readonly SharedArrayBuffer?: typeof SharedArrayBuffer;
  /** In browsers: whether the page was served with the headers that shared memory asks for. */
  readonly crossOriginIsolated?: boolean;
}

export const host = (): Host => globalThis as unknown as Host;

/** Milliseconds, for differences. */
export const clock = (): number => performance.now();
