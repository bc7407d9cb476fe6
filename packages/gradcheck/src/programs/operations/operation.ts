import type { Domain } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { call, type Expression } from "../expression.ts";

/** How a step of an operation is drawn: from what it picks to what it computes. */
export type Decode = (draw: Draw) => Expression;

/** Operations by the names that core exports them by. */
export type Operations = Readonly<Record<string, Decode>>;

/** Functions of one tensor, by the domains in which they are smooth. */
export const unary = (domains: Readonly<Record<string, Domain>>): Operations =>
  Object.fromEntries(
    Object.entries(domains).map(([name, domain]) => [
      name,
      (draw: Draw) => call(name, draw.float(domain).expression),
    ]),
  );

/** Functions of two tensors that broadcast. */
export const binary = (domains: Readonly<Record<string, readonly [Domain, Domain]>>): Operations =>
  Object.fromEntries(
    Object.entries(domains).map(([name, [left, right]]) => [
      name,
      (draw: Draw) => {
        const x = draw.float(left);
        return call(name, x.expression, draw.partner([x], right).expression);
      },
    ]),
  );
