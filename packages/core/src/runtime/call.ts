import { isDebugMode } from "../ir/debug.ts";
import { Storage } from "../ir/storage.ts";
import { isTensor, Tensor } from "../ir/tensor.ts";
import { type CompiledResultParams, compiledResult } from "../prims/identity.ts";
import { weakKind } from "../prims/leaves.ts";
import { createArray, type DType, type TypedArray } from "../types/dtype.ts";
import { checkFinite } from "./finite.ts";
import { flush } from "./flush.ts";
import { History } from "./history.ts";
import { boundStorage, type Slot } from "./numbering.ts";
import type { Leaf } from "./pattern.ts";
import type { HiddenSlot } from "./trace.ts";
import type { Traced } from "./traced.ts";
import type { Variable } from "./variable.ts";

/** A value after a run: an input of the plan that is only passed on, or what the engine gave (then `slot` is -1). */
interface Place {
  readonly slot: number;
  readonly result: number;
}

interface Assigned {
  readonly cell: Variable;
  readonly value: Place;
  /** The slot of the version that the assignment replaces, if that may be written over; else -1. */
  readonly over: number;
}

/** A slot for numbers, which keeps its storage, and so stays bound, as long as they are the same. */
class NumberSlot {
  /** What the next storage holds. */
  readonly elements: TypedArray;
  private last: Storage | null = null;

  constructor(
    readonly slot: number,
    private readonly dtype: DType,
    size: number,
  ) {
    this.elements = createArray(dtype, size);
  }

  /** A storage of the elements. Bytes never change once written: it is the one before or a new one. */
  storage(): Storage {
    const { elements, last } = this;
    if (last !== null && last.host !== null && sameElements(last.host, elements)) return last;
    this.last = new Storage(this.dtype, elements.length, elements.slice());
    return this.last;
  }
}

/** Bit by bit, but for the many forms of NaN. */
function sameElements(a: TypedArray, b: TypedArray): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/**
 * The calls of a traced function. A training step of a small model takes an engine a few microseconds, so whatever does
 * not depend on the call is worked out here, once: where each slot's storage comes from, what the engine may write over,
 * where each result and each new value is found.
 */
export class Calls {
  /** Arguments that are used: `argument` counts the tensors among the leaves, `leaf` all of them. */
  private readonly tensors: { readonly argument: number; readonly slot: number }[] = [];
  private readonly numbers: { readonly leaf: number; readonly to: NumberSlot }[] = [];
  private readonly hidden: { readonly fill: HiddenSlot["fill"]; readonly to: NumberSlot }[] = [];
  private readonly variables: { readonly cell: Variable; readonly slot: number }[] = [];
  /** Constants of the trace; some may be versions of variables, which can be overwritten from elsewhere. */
  private readonly captured: { readonly slot: number; readonly from: Slot }[] = [];
  /** Slots whose bytes are also a result, or another variable's value. */
  private readonly passedOn: readonly number[];
  /** Results that are both handed out and a variable's value, or the value of several variables. */
  private readonly twice: readonly number[];
  /** Slots that updates replace and that are not passed on. */
  private readonly replaceable: readonly number[];
  private readonly results: readonly { readonly value: Place; readonly params: CompiledResultParams }[];
  private readonly assigned: readonly Assigned[];
  /** Variables that are read and not assigned, and those that are assigned. */
  private readonly kept: readonly Variable[];
  private readonly replaced: readonly Variable[];
  private readonly capturesVersions: boolean;

  constructor(
    private readonly traced: Traced,
    name: string,
  ) {
    this.findSources();
    const { numbering, result, assigned, trace } = traced;
    const { roots, slotAt, outputs, updates } = numbering;
    const placeOf = (place: number): Place => {
      if (slotAt[place] >= 0) return { slot: slotAt[place], result: -1 };
      const output = outputs.indexOf(place);
      if (output >= 0) return { slot: -1, result: output };
      return { slot: -1, result: outputs.length + updates.findIndex(({ node }) => node === place) };
    };
    const values = roots.map(placeOf);
    const assignedValues = numbering.assigned.map(placeOf);
    const handedOut = new Set(values.map((value) => value.result));
    const slots = [...values, ...assignedValues].map(({ slot }) => slot);
    this.passedOn = [...new Set(slots.filter((slot) => slot >= 0))];
    this.twice = [...new Set(assignedValues.map((value) => value.result))].filter(
      (index) =>
        index >= 0 &&
        (handedOut.has(index) || assignedValues.filter((value) => value.result === index).length > 1),
    );
    this.replaceable = updates
      .map(({ slot }) => slot)
      .filter((slot) => slot >= 0 && !this.passedOn.includes(slot));
    let update = 0;
    this.assigned = assigned.map((cell, i) => {
      const value = assignedValues[i];
      const slot = value.slot >= 0 ? -1 : updates[update++].slot;
      return { cell, value, over: this.replaceable.includes(slot) ? slot : -1 };
    });
    this.results = result.leaves.map(({ shape, dtype }, i) => ({
      value: values[i],
      params: { shape, dtype, name, assigned },
    }));
    this.kept = [...trace.imported.keys()].filter((cell) => !assigned.includes(cell));
    this.replaced = assigned;
    this.capturesVersions = this.captured.some(({ from }) => from.version !== null);
  }

  /** Which slot takes its storage from where. */
  private findSources(): void {
    const { numbering, placeholders, trace } = this.traced;
    const tensors = placeholders.filter((leaf) => leaf !== null && weakKind(leaf) === undefined);
    numbering.slots.forEach((from, slot) => {
      const { tensor, cell } = from;
      const leaf = placeholders.indexOf(tensor);
      const hidden = trace.hidden.find((one) => one.leaf === tensor);
      const to = () => new NumberSlot(slot, tensor.dtype, tensor.size);
      if (hidden !== undefined) this.hidden.push({ fill: hidden.fill, to: to() });
      else if (tensors.includes(tensor)) this.tensors.push({ argument: tensors.indexOf(tensor), slot });
      else if (leaf >= 0) this.numbers.push({ leaf, to: to() });
      else if (cell !== null && trace.imported.get(cell)?.read() === tensor)
        this.variables.push({ cell, slot });
      else this.captured.push({ slot, from });
    });
  }

  /** One call, with the leaves of its arguments. */
  run(leaves: readonly Leaf[]): unknown {
    const { plan, result, trace, numbering } = this.traced;
    const nodes = evaluatedNodes(leaves);
    const storages = new Array<Storage>(numbering.slots.length);
    const lent = this.bindArguments(leaves, nodes, storages);
    this.bindState(storages);
    const donated = this.donated(storages, lent !== undefined || this.capturesVersions);
    const values = plan.run(storages, donated, lent);
    checkFinite(plan, numbering.tensors, storages, values);
    for (const index of this.twice) values[index].shared = true;
    const results = this.handOut(nodes, storages, values);
    for (const { cell, value, over } of this.assigned) {
      const storage = value.slot >= 0 ? storages[value.slot] : values[value.result];
      cell.replace(storage, over >= 0 && (donated === this.replaceable || donated.includes(over)));
    }
    for (const action of trace.afterCalls) action();
    return result.structure === "*" ? results[0] : result.unflatten(results);
  }

  /** Gives the arguments' slots their storages. @returns the slots whose storage is a variable's */
  private bindArguments(
    leaves: readonly Leaf[],
    nodes: readonly Tensor[],
    storages: Storage[],
  ): number[] | undefined {
    let lent: number[] | undefined;
    for (const { argument, slot } of this.tensors) {
      const node = nodes[argument];
      if (node.storage !== null) {
        storages[slot] = node.storage;
      } else {
        storages[slot] = (node.params as { version: { value(): Storage } }).version.value();
        lent ??= [];
        lent.push(slot);
      }
    }
    for (const { leaf, to } of this.numbers) {
      to.elements[0] = leaves[leaf] as number;
      storages[to.slot] = to.storage();
    }
    return lent;
  }

  /** Gives all other slots their storages. */
  private bindState(storages: Storage[]): void {
    for (const { fill, to } of this.hidden) {
      fill(to.elements);
      storages[to.slot] = to.storage();
    }
    for (const { cell, slot } of this.variables) storages[slot] = cell.committedVersion.value();
    for (const { slot, from } of this.captured) storages[slot] = boundStorage(from);
    for (const slot of this.passedOn) storages[slot].shared = true;
  }

  /** The slots that the engine may write over: their variables get new values, and nobody else holds their bytes. */
  private donated(storages: readonly Storage[], mayRepeat: boolean): readonly number[] {
    const { replaceable } = this;
    if (isDebugMode()) return [];
    let free = !mayRepeat;
    for (let i = 0; free && i < replaceable.length; i++) free = !storages[replaceable[i]].shared;
    if (free) return replaceable;
    return replaceable.filter((slot) => {
      const storage = storages[slot];
      return !storage.shared && storages.indexOf(storage) === storages.lastIndexOf(storage);
    });
  }

  /** The results as tensors, which remember what they depend on. */
  private handOut(
    nodes: readonly Tensor[],
    storages: readonly Storage[],
    values: readonly Storage[],
  ): Tensor[] {
    const sources = this.sources(nodes);
    const results = new Array<Tensor>(this.results.length);
    for (let i = 0; i < results.length; i++) {
      const { value, params } = this.results[i];
      const storage = value.slot >= 0 ? storages[value.slot] : values[value.result];
      results[i] = new Tensor(compiledResult as never, sources, params, params.shape, params.dtype, storage);
    }
    const history = new History(results.length);
    for (const source of sources) history.add(source);
    for (const tensor of results) history.record(tensor);
    return results;
  }

  /**
   * The arguments, and the variables as the call found them. Of a variable that the call assigns, the old version is
   * gone: it counts if there is a node for it, since else nobody can ask for a derivative by it.
   */
  private sources(nodes: readonly Tensor[]): readonly Tensor[] {
    const sources = [...nodes];
    for (const cell of this.kept) sources.push(cell.committedVersion.read());
    for (const cell of this.replaced) {
      const { leaf } = cell.committedVersion;
      if (leaf !== null) sources.push(leaf);
    }
    return sources;
  }
}

/** The nodes of tensor arguments, with their values computed, and nothing pending. */
function evaluatedNodes(leaves: readonly Leaf[]): Tensor[] {
  const nodes: Tensor[] = [];
  for (const leaf of leaves) if (isTensor(leaf)) nodes.push(leaf.node);
  flush(nodes);
  return nodes;
}
