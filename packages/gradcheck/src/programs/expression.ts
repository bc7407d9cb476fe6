import * as core from "@cotangent/core";

/** A value by its name: an input, the result of a step, or the parameter of a function. */
export class Name {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A call of a function that core exports: `log`, `random.normal`. */
export class Call {
  readonly operation: string;
  readonly args: readonly Expression[];
  constructor(operation: string, args: readonly Expression[]) {
    this.operation = operation;
    this.args = args;
  }
}

/** A call of what an expression gives: `grad(f)(x)`. */
export class Apply {
  readonly f: Expression;
  readonly args: readonly Expression[];
  constructor(f: Expression, args: readonly Expression[]) {
    this.f = f;
    this.args = args;
  }
}

/** One item of a list, `split(x, 2)[0]`, or a field of an object, `unique(x).values`. */
export class At {
  readonly of: Expression;
  readonly index: number | string;
  constructor(of: Expression, index: number | string) {
    this.of = of;
    this.index = index;
  }
}

/** A call of a method: `at(x, 0).set(1)`. */
export class Method {
  readonly of: Expression;
  readonly name: string;
  readonly args: readonly Expression[];
  constructor(of: Expression, name: string, args: readonly Expression[]) {
    this.of = of;
    this.name = name;
    this.args = args;
  }
}

/** A function: `(z: Tensor) => sin(z)`. */
export class Lambda {
  readonly params: readonly string[];
  readonly body: Expression;
  /** Whether its parameters are tensors; otherwise their types follow from where it stands. */
  readonly ofTensors: boolean;
  constructor(params: readonly string[], body: Expression, ofTensors: boolean) {
    this.params = params;
    this.body = body;
    this.ofTensors = ofTensors;
  }
}

/** What a step computes, as data: names, calls of core's functions, and literals, lists and objects of them. */
export type Expression =
  | Name
  | Call
  | Apply
  | At
  | Method
  | Lambda
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly Expression[]
  | { readonly [key: string]: Expression };

/** A call of one of core's functions. */
export const call = (operation: string, ...args: readonly Expression[]): Call => new Call(operation, args);

/** A function of tensors; its parameters are named by `params`. */
export const lambda = (params: readonly string[], body: (...names: Name[]) => Expression): Lambda =>
  new Lambda(params, body(...params.map((name) => new Name(name))), true);

/** A function of lists and tensors, as a rule has them. */
export const rule = (params: readonly string[], body: (...names: Name[]) => Expression): Lambda =>
  new Lambda(params, body(...params.map((name) => new Name(name))), false);

type Callable = (...args: unknown[]) => unknown;

/** Core's functions by the names that programs call them by. */
const FUNCTIONS: ReadonlyMap<string, Callable> = new Map(
  [
    ...Object.entries({ ...core }),
    ...Object.entries({ ...core.random }).map(([name, value]) => [`random.${name}`, value] as const),
  ].filter((entry): entry is [string, Callable] => typeof entry[1] === "function"),
);

/** The values of names. */
export type Scope = ReadonlyMap<string, unknown>;

/** What an expression gives. */
export function evaluated(expression: Expression, scope: Scope): unknown {
  if (expression instanceof Name) return scope.get(expression.name);
  if (expression instanceof Call) {
    const f = FUNCTIONS.get(expression.operation) as Callable;
    return f(...expression.args.map((arg) => evaluated(arg, scope)));
  }
  if (expression instanceof Apply) {
    const f = evaluated(expression.f, scope) as Callable;
    return f(...expression.args.map((arg) => evaluated(arg, scope)));
  }
  if (expression instanceof At) {
    return (evaluated(expression.of, scope) as Record<number | string, unknown>)[expression.index];
  }
  if (expression instanceof Method) {
    const object = evaluated(expression.of, scope) as Record<string, Callable>;
    return object[expression.name](...expression.args.map((arg) => evaluated(arg, scope)));
  }
  if (expression instanceof Lambda) return closure(expression, scope);
  if (typeof expression !== "object" || expression === null) return expression;
  if (isList(expression)) return expression.map((item) => evaluated(item, scope));
  return Object.fromEntries(Object.entries(expression).map(([key, item]) => [key, evaluated(item, scope)]));
}

const closure =
  ({ params, body }: Lambda, scope: Scope): Callable =>
  (...args) =>
    evaluated(body, new Map([...scope, ...params.map((name, i) => [name, args[i]] as const)]));

/** Array.isArray does not tell readonly arrays from other objects. */
export const isList = (expression: Expression): expression is readonly Expression[] =>
  Array.isArray(expression);

/** The expressions inside one. */
function parts(expression: Expression): readonly Expression[] {
  if (expression instanceof Call) return expression.args;
  if (expression instanceof Apply) return [expression.f, ...expression.args];
  if (expression instanceof At) return [expression.of];
  if (expression instanceof Method) return [expression.of, ...expression.args];
  if (expression instanceof Lambda) return [expression.body];
  if (typeof expression !== "object" || expression === null || expression instanceof Name) return [];
  return isList(expression) ? expression : Object.values(expression);
}

/** The functions of core that an expression calls, itself and all inside. */
export function operationsIn(expression: Expression): string[] {
  const own = expression instanceof Call ? [expression.operation] : [];
  return [...own, ...parts(expression).flatMap(operationsIn)];
}

/** The names that an expression mentions. */
export function namesIn(expression: Expression): string[] {
  return expression instanceof Name ? [expression.name] : parts(expression).flatMap(namesIn);
}
