import { ByteWriter } from "./bytes.ts";
import { FunctionBuilder } from "./function.ts";
import { type Signature, signatureKey, typeCode } from "./types.ts";

/** A function of the module, or one that it imports. */
export interface FunctionRef {
  readonly name: string;
  readonly signature: Signature;
  readonly imported: boolean;
  /** Its place among the imported functions, or among the module's own. */
  readonly position: number;
}

/** How the memory is imported. */
export interface MemoryLimits {
  readonly minimumPages: number;
  readonly maximumPages: number;
  readonly shared: boolean;
}

const Section = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;

/**
 * Writes a module in WebAssembly's binary format. It imports `env.memory`, `env.table` where calls go through it, and
 * functions of `env` by name; it exports its functions by theirs.
 */
export class ModuleBuilder {
  private readonly types: Signature[] = [];
  private readonly typeIndices = new Map<string, number>();
  private readonly imports: FunctionRef[] = [];
  private readonly own: { ref: FunctionRef; builder: FunctionBuilder; exported: boolean }[] = [];
  private readonly helpers = new Map<string, FunctionRef>();

  constructor(
    readonly memory: MemoryLimits,
    /** Whether calls go through `env.table`. */
    private readonly usesTable = false,
  ) {}

  /** The function `env.name`. */
  importFunction(name: string, signature: Signature): FunctionRef {
    const known = this.imports.find((ref) => ref.name === name);
    if (known !== undefined) return known;
    const ref = { name, signature, imported: true, position: this.imports.length };
    this.imports.push(ref);
    return ref;
  }

  /** A new function, written by `body`. */
  function(
    name: string,
    signature: Signature,
    body: (f: FunctionBuilder) => void,
    { exported = true }: { exported?: boolean } = {},
  ): FunctionRef {
    const builder = new FunctionBuilder(this, signature);
    const ref = { name, signature, imported: false, position: this.own.length };
    this.own.push({ ref, builder, exported });
    body(builder);
    return ref;
  }

  /** A function of that name which others of the module call, written by `body` when it is first asked for. */
  helper(name: string, signature: Signature, body: (f: FunctionBuilder) => void): FunctionRef {
    const known = this.helpers.get(name);
    if (known !== undefined) return known;
    const ref = this.function(name, signature, body, { exported: false });
    this.helpers.set(name, ref);
    return ref;
  }

  /** The number of a signature in the type section. @internal */
  typeIndex(signature: Signature): number {
    const key = signatureKey(signature);
    const known = this.typeIndices.get(key);
    if (known !== undefined) return known;
    this.typeIndices.set(key, this.types.length);
    return this.types.push(signature) - 1;
  }

  /** The index of a function in the finished module. @internal */
  indexOf(ref: FunctionRef): number {
    return ref.imported ? ref.position : this.imports.length + ref.position;
  }

  /** The module's bytes. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter();
    out.append(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    // Bodies come first: they may ask for further types.
    const bodies = this.own.map(({ builder }) => builder.finish((ref) => this.indexOf(ref)));
    const importTypes = this.imports.map(({ signature }) => this.typeIndex(signature));
    const ownTypes = this.own.map(({ ref }) => this.typeIndex(ref.signature));
    section(out, Section.type, (content) => list(content, this.types, writeSignature));
    section(out, Section.import, (content) => this.writeImports(content, importTypes));
    section(out, Section.function, (content) => list(content, ownTypes, (to, index) => to.unsigned(index)));
    section(out, Section.export, (content) => {
      const exported = this.own.filter((one) => one.exported);
      list(content, exported, (to, { ref }) => {
        to.text(ref.name);
        to.byte(0);
        to.unsigned(this.indexOf(ref));
      });
    });
    section(out, Section.code, (content) =>
      list(content, bodies, (to, body) => {
        to.unsigned(body.length);
        to.append(body);
      }),
    );
    return out.bytes.slice() as Uint8Array<ArrayBuffer>;
  }

  private writeImports(to: ByteWriter, types: readonly number[]): void {
    to.unsigned(this.imports.length + 1 + (this.usesTable ? 1 : 0));
    this.imports.forEach(({ name }, i) => {
      to.text("env");
      to.text(name);
      to.byte(0);
      to.unsigned(types[i]);
    });
    const { minimumPages, maximumPages, shared } = this.memory;
    to.text("env");
    to.text("memory");
    to.byte(2);
    to.byte(shared ? 3 : 1);
    to.unsigned(minimumPages);
    to.unsigned(maximumPages);
    if (!this.usesTable) return;
    to.text("env");
    to.text("table");
    to.byte(1);
    to.byte(0x70);
    to.byte(0);
    to.unsigned(0);
  }
}

function writeSignature(to: ByteWriter, { params, results }: Signature): void {
  to.byte(0x60);
  list(to, params, (out, type) => out.byte(typeCode(type)));
  list(to, results, (out, type) => out.byte(typeCode(type)));
}

function list<T>(to: ByteWriter, items: readonly T[], write: (to: ByteWriter, item: T) => void): void {
  to.unsigned(items.length);
  for (const item of items) write(to, item);
}

function section(to: ByteWriter, id: number, write: (content: ByteWriter) => void): void {
  const content = new ByteWriter();
  write(content);
  to.byte(id);
  to.unsigned(content.length);
  to.append(content.bytes);
}
