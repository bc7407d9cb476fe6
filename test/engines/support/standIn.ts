import { type Engine, type Program, type ProgramNode, Storage, type TypedArray } from "@cotangent/core";
import { sizeOf } from "../../gradients/support/shapes.ts";
import { emptyArray } from "./values.ts";

/** One run of a stand-in, while it computes. */
export interface Running {
  readonly program: Program;
  /** The values so far. */
  readonly values: TypedArray[];
  /** What is bound to each slot. */
  readonly bound: readonly Storage[];
  readonly donated: readonly number[];
}

/** Where a stand-in may differ from the reference engine. */
export interface Hooks {
  /** Changes the value of a node that was computed right. */
  computed?(node: ProgramNode, value: TypedArray, running: Running, place: number): void;
  /** Changes what is handed back. */
  finished?(results: Storage[], running: Running): Storage[];
  /** Whether a new value for a slot is taken. */
  accepts?(program: Program, slot: number): boolean;
}

/**
 * The reference engine written once more, with places where it can go wrong. Results are in a memory of its own, and new
 * values of variables are written over old ones where that is allowed.
 */
export const standIn = (name: string, hooks: Hooks = {}): Engine => ({
  name,
  compile(program) {
    const bound: Storage[] = [];
    return {
      bind(slot, storage) {
        if (bound[slot] === undefined || hooks.accepts?.(program, slot) !== false) bound[slot] = storage;
      },
      run(donated) {
        const running = { program, values: startingValues(program, bound), bound, donated };
        program.nodes.forEach((node, place) => {
          if (node.prim === null) return;
          const value = computed(node, running);
          running.values[place] = value;
          hooks.computed?.(node, value, running, place);
        });
        const results = handedBack(running);
        return hooks.finished?.(results, running) ?? results;
      },
      dispose: () => {},
    };
  },
});

const elementsOf = (storage: Storage): TypedArray => storage.host ?? (storage.resident?.read() as TypedArray);

function startingValues({ inputs }: Program, bound: readonly Storage[]): TypedArray[] {
  const values: TypedArray[] = [];
  inputs.forEach(({ node }, slot) => {
    values[node] = elementsOf(bound[slot]);
  });
  return values;
}

function computed(node: ProgramNode, { program, values }: Running): TypedArray {
  const { inputs, params, shape, dtype } = node;
  const data = emptyArray(dtype, sizeOf(shape));
  const operands = inputs.map((source) => ({ ...program.nodes[source], data: values[source] }));
  node.prim?.reference(operands, params, { data, shape, dtype });
  return data;
}

function handedBack({ program, values, bound, donated }: Running): Storage[] {
  const { nodes, outputs, updates } = program;
  const fresh = (place: number): Storage => {
    const elements = values[place].slice();
    return new Storage(nodes[place].dtype, elements.length, null, { read: () => elements.slice() });
  };
  return [
    ...outputs.map(fresh),
    ...updates.map(({ node, slot }) => {
      if (!donated.includes(slot)) return fresh(node);
      const storage = bound[slot];
      const { resident } = fresh(node);
      storage.host = null;
      storage.resident = resident;
      return storage;
    }),
  ];
}
