import { availableParallelism, cpus, totalmem, type } from "node:os";

/** The machine in a line: processor, cores, memory, system, Node. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim().replaceAll(/\s+/g, " ") || "unknown processor";
  const cores = availableParallelism();
  const memory = Math.round(totalmem() / 2 ** 30);
  const { arch, version } = process;
  return `${model}, ${cores} ${cores === 1 ? "core" : "cores"}, ${memory} GB, ${type()} ${arch}, Node ${version.slice(1)}`;
}
