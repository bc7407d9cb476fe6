import type { Affine } from "./affine.ts";
import type { Group } from "./fuse.ts";
import { opName } from "./graph.ts";
import type { Item, RowLayout } from "./items.ts";
import type { LoopKernel } from "./loops.ts";
import type { Plan } from "./program.ts";
import type { Value } from "./values.ts";

const affine = ({ offset, strides }: Affine): string => {
  const terms = strides.flatMap((stride, d) =>
    stride === 0 ? [] : [stride === 1 ? `i${d}` : `${stride}*i${d}`],
  );
  if (offset !== 0 || terms.length === 0) terms.unshift(String(offset));
  return terms.join(" + ");
};

/** One operation of a kernel's body. */
export function printValue(value: Value): string {
  switch (value.op) {
    case "load":
      return `load b${value.buffer}[${affine(value.access)}]`;
    case "constant":
      return String(value.value);
    case "index":
      return affine(value.access);
    case "reduced":
      return `reduced b${value.node}`;
    case "scalar":
      return `${/^\d+$/.test(value.variant) ? `${value.name}${value.variant}` : value.variant || value.name}(${value.args.map((arg) => `v${arg}`).join(", ")})`;
  }
}

const printRows = ({ batch, size, row, picked }: RowLayout): string =>
  `batch ${batch}, ${picked} of ${size} rows of ${row}`;

/** What is stored, and how it is computed: a line for each. */
export function printItem(item: Item): string {
  switch (item.kind) {
    case "map":
      return `b${item.buffer}[${affine(item.store)}] = elementwise over [${item.trace.domain.join(", ")}]`;
    case "reduce": {
      const kept = item.trace.domain.map((n, d) => (item.reduced[d] ? `(${n})` : n));
      return `b${item.buffer} = ${item.op} over [${kept.join(", ")}], ${item.style}`;
    }
    case "dot": {
      const { x, y, batch, m, n, k } = item;
      return `b${item.buffer} = b${x.buffer} @ b${y.buffer}, batch [${batch.join(", ")}], [${m.join(", ")}] x [${k.join(", ")}] x [${n.join(", ")}]`;
    }
    case "conv": {
      const { x, w, order, sizes } = item;
      const axes = order.map((axis) => sizes[axis]).join(", ");
      return `b${item.buffer} = conv of b${x.buffer} [${x.shape.join(", ")}] with b${w.buffer} [${w.shape.join(", ")}], stored as [${axes}]`;
    }
    case "fold":
      return `b${item.buffer} = windows of b${item.x.buffer} [${item.x.shape.join(", ")}] added up`;
    case "argReduce":
      return `b${item.buffer} = arg${item.op} of b${item.source}`;
    case "cumulative":
      return `b${item.buffer} = running ${item.op} of ${list(item.sources)}${item.reverse ? ", reversed" : ""}`;
    case "pick":
      return `b${item.buffer} = rows that b${item.indices} names of ${item.size}`;
    case "gather":
      return `b${item.buffer} = rows b${item.rows} of b${item.source}, ${printRows(item)}`;
    case "scatter":
      return `b${item.buffer} = ${item.source < 0 ? "0" : `b${item.source}`}, ${item.op} b${item.updates} in rows b${item.rows}, ${printRows(item)}`;
    case "argSort":
      return `b${item.buffer} = argsort of b${item.source}${item.descending ? ", descending" : ""}`;
    case "control":
      return `${item.parts.map(({ buffer }) => `b${buffer}`).join(" ")} = ${item.compiled.operation} of ${item.sources.map((id) => `b${id}`).join(" ")}`;
    case "part":
      return `b${item.buffer} is a part of ${item.call}`;
    case "fill":
      return `b${item.buffer} = 0`;
  }
}

/** A kernel as fusion made it. */
export const printGroup = (group: Group): string =>
  [`kernel ${group.index}: ${group.kind}`, ...group.items.map((item) => `  ${printItem(item)}`)].join("\n");

/** A kernel as loops. */
export function printLoops({ mode, outer, inner, values, reductions, stores }: LoopKernel): string {
  return [
    `${mode} [${outer.join(", ")}] x [${inner.join(", ")}]`,
    ...values.map((value, id) => `  v${id}: ${value.dtype} = ${printValue(value)}`),
    ...reductions.map(({ node, op, value }) => `  b${node} = ${op} v${value}`),
    ...stores.map(
      ({ buffer, access, value, level }) =>
        `  b${buffer}[${affine(access)}] = v${value}, one for each ${level}`,
    ),
  ].join("\n");
}

/** What each pass made of a program, one after the other. */
export function printPlan(plan: Plan): string {
  const { graph, groups, kernels, instructions, arena, buffers } = plan;
  const nodes = graph.nodes.map((node, id) => {
    const args =
      node.prim === null ? `slot ${node.slot}` : node.inputs.map((input) => `%${input}`).join(", ");
    return `%${id} = ${opName(node)}(${args}) : ${node.dtype}[${node.shape.join(", ")}]`;
  });
  const steps = instructions.map(
    ({ target, units, reads, writes }, i) =>
      `${i}: ${typeof target === "number" ? `loops ${target}` : target}, ${units} units, reads ${list(reads)}, writes ${list(writes)}`,
  );
  const places = [...arena.offsets].map(
    ([buffer, offset]) => `b${buffer} at ${offset}, ${buffers[buffer].size} ${buffers[buffer].dtype}`,
  );
  return [
    section("simplified graph", nodes),
    section("kernels, in order", groups.map(printGroup)),
    section(
      "loops",
      kernels.map(({ kernel }, i) => `${i}: ${printLoops(kernel)}`),
    ),
    section("instructions", steps),
    section(`arena, ${arena.bytes} bytes`, places),
  ].join("\n\n");
}

const list = (ids: readonly number[]): string => ids.map((id) => `b${id}`).join(" ") || "nothing";

const section = (title: string, lines: readonly string[]): string => `== ${title}\n${lines.join("\n")}`;
