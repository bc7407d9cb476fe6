import type { ProgramNode } from "@cotangent/core";
import { toleranceOf } from "./tolerances.ts";

interface Figure {
  nodes: number;
  worst: number;
}

/** What a campaign has seen: nodes and worst errors by primitive and dtype. */
export class Figures {
  programs = 0;
  nodes = 0;
  elements = 0;
  private readonly table = new Map<string, Figure>();

  /** One more node was compared. */
  note({ prim, dtype }: ProgramNode, elements: number, worst: number): void {
    const key = `${prim?.name} ${dtype}`;
    const figure = this.table.get(key) ?? { nodes: 0, worst: 0 };
    figure.nodes++;
    figure.worst = Math.max(figure.worst, worst);
    this.nodes++;
    this.elements += elements;
    this.table.set(key, figure);
  }

  /** How often a primitive was compared with this dtype of result. */
  count(primitive: string, dtype: string): number {
    return this.table.get(`${primitive} ${dtype}`)?.nodes ?? 0;
  }

  /** The worst error in ULP (or the share of what is allowed, for sums and products). */
  worst(primitive: string, dtype: string): number {
    return this.table.get(`${primitive} ${dtype}`)?.worst ?? 0;
  }

  summary(): string {
    return `${this.programs} programs, ${this.nodes} nodes, ${(this.elements / 1e6).toFixed(1)} million elements`;
  }

  /** A line for each primitive: how often for which dtype, and the worst error. */
  report(): string {
    const names = [...new Set([...this.table.keys()].map((key) => key.split(" ")[0]))].sort();
    return names.map((name) => this.line(name)).join("\n");
  }

  private line(name: string): string {
    const dtypes = [...this.table].filter(([key]) => key.startsWith(`${name} `));
    const counts = dtypes.map(([key, { nodes }]) => `${key.split(" ")[1]} ${nodes}`).join(", ");
    const { kind } = toleranceOf(name);
    const errors = dtypes
      .filter(([key]) => kind !== "exact" && key.includes("float"))
      .map(([key, { worst }]) => {
        const error = kind === "ulp" ? `${worst} ulp` : `${(100 * worst).toFixed(0)}% of what is allowed`;
        return `${key.split(" ")[1]} ${error}`;
      });
    return `${name.padEnd(12)} ${counts}${errors.length === 0 ? "" : `; worst: ${errors.join(", ")}`}`;
  }
}
