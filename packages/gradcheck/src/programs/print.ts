import {
  Apply,
  At,
  Call,
  type Expression,
  isList,
  Lambda,
  Method,
  Name,
  operationsIn,
} from "./expression.ts";

/** An expression as TypeScript. */
export function printed(expression: Expression): string {
  if (expression instanceof Name) return expression.name;
  if (expression instanceof Call) return `${expression.operation}(${listed(expression.args)})`;
  if (expression instanceof Apply) return `${printed(expression.f)}(${listed(expression.args)})`;
  if (expression instanceof At) {
    const { of, index } = expression;
    return typeof index === "number" ? `${printed(of)}[${index}]` : `${printed(of)}.${index}`;
  }
  if (expression instanceof Method) {
    return `${printed(expression.of)}.${expression.name}(${listed(expression.args)})`;
  }
  if (expression instanceof Lambda) return printedFunction(expression);
  if (typeof expression === "number") return printedNumber(expression);
  if (typeof expression === "string") return JSON.stringify(expression);
  if (typeof expression !== "object" || expression === null) return String(expression);
  if (isList(expression)) return `[${listed(expression)}]`;
  const fields = Object.entries(expression).filter(([, value]) => value !== undefined);
  return fields.length === 0
    ? "{}"
    : `{ ${fields.map(([key, value]) => `${key}: ${printed(value)}`).join(", ")} }`;
}

const listed = (args: readonly Expression[]): string => {
  const given = args.findLastIndex((arg) => arg !== undefined);
  return args
    .slice(0, given + 1)
    .map(printed)
    .join(", ");
};

function printedFunction({ params, body, ofTensors }: Lambda): string {
  const typed = params.map((name) => (ofTensors ? `${name}: Tensor` : name));
  const text = printed(body);
  return `(${typed.join(", ")}) => ${text.startsWith("{") ? `(${text})` : text}`;
}

function printedNumber(x: number): string {
  if (Object.is(x, -0)) return "-0";
  if (Math.abs(x) === Number.POSITIVE_INFINITY) return `Number.${x > 0 ? "POSITIVE" : "NEGATIVE"}_INFINITY`;
  return Number.isNaN(x) ? "Number.NaN" : String(x);
}

/** The names that a file imports from core to run these expressions. */
export const importsOf = (expressions: readonly Expression[]): string[] =>
  [...new Set(expressions.flatMap(operationsIn).map((name) => name.split(".")[0]))].sort();
