import type { Body, BranchParams, LoopParams, PartParams, Program } from "@cotangent/core";
import { type Node, opName } from "../graph.ts";
import type { Item, Part } from "../items.ts";
import type { Materializer } from "../materialize.ts";
import type { Plan } from "../program.ts";

/** A loop with its programs compiled. */
export interface CompiledLoop {
  readonly kind: "loop";
  readonly operation: string;
  readonly params: LoopParams;
  /** The body, then the condition if there is one. */
  readonly plans: readonly Plan[];
  /** For each carry the place of its update in the body's plan, or -1 where it stays as it is. */
  readonly updates: readonly number[];
  /** For each output of the body's plan the place of what it is a stack of. */
  readonly stacked: readonly number[];
}

/** A branch with its programs compiled: each gives, one after the other, all results that are asked for. */
export interface CompiledBranch {
  readonly kind: "branch";
  readonly operation: string;
  readonly plans: readonly Plan[];
}

export type CompiledControl = CompiledLoop | CompiledBranch;

type Compile = (program: Program) => Plan;

/** A loop or a branch with its parts; a part is memory that its call fills. */
export function controlItems(materializer: Materializer, id: number, node: Node): Item[] {
  const { graph, buffers, isWanted, want, compile } = materializer;
  if (opName(node) === "part") {
    const [call] = node.inputs;
    want(call);
    return [{ kind: "part", buffer: id, call }];
  }
  const parts = graph.nodes.flatMap((one, place): Part[] => {
    if (opName(one) !== "part" || one.inputs[0] !== id || !isWanted(place) || buffers[place].size === 0)
      return [];
    const { kind, index } = one.params as PartParams;
    return [{ buffer: place, kind, index }];
  });
  const sources = node.inputs.map((input) => {
    let source = input;
    while (opName(graph.nodes[source]) === "reshape") [source] = graph.nodes[source].inputs;
    want(source);
    return source;
  });
  const compiled =
    opName(node) === "loop"
      ? compileLoop(node.params as LoopParams, parts, compile)
      : compileBranch(node.params as BranchParams, parts, compile);
  return [{ kind: "control", buffer: id, sources, parts, compiled }];
}

/** A body as a program: its parameters are its slots. */
function programOf(
  { nodes, parameters }: Body,
  outputs: readonly number[],
  updates: Program["updates"],
): Program {
  return {
    nodes,
    inputs: parameters.map((_, node) => ({ node, kind: "data" as const })),
    outputs,
    updates,
  };
}

function compileLoop(params: LoopParams, parts: readonly Part[], compile: Compile): CompiledLoop {
  const { body, condition, carries } = params;
  const updates: { node: number; slot: number }[] = [];
  const places = Array.from({ length: carries }, (_, i) => {
    const node = body.placeOf(body.results[i]);
    return node === i ? -1 : updates.push({ node, slot: i }) - 1;
  });
  const stacked = [...new Set(parts.flatMap(({ kind, index }) => (kind === "stack" ? [index] : [])))];
  const plans = [compile(programOf(body, stacked, updates))];
  if (condition !== null) {
    plans.push(compile(programOf(condition, [condition.placeOf(condition.results[0])], [])));
  }
  return { kind: "loop", operation: params.operation, params, plans, updates: places, stacked };
}

function compileBranch(
  { bodies, operation }: BranchParams,
  parts: readonly Part[],
  compile: Compile,
): CompiledBranch {
  const plans = bodies.map((body) =>
    compile(
      programOf(
        body,
        parts.map(({ index }) => body.placeOf(body.results[index])),
        [],
      ),
    ),
  );
  return { kind: "branch", operation, plans };
}
