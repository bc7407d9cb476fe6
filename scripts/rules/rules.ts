import { importCycles } from "./cycles.ts";
import type { Import, Source, Violation } from "./source.ts";

/** Which other packages of the workspace a package may import. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  core: [],
  nn: ["core"],
  optim: ["core"],
  data: ["core"],
  gradcheck: ["core"],
  wasm: ["core"],
  train: ["core", "nn", "optim", "data"],
  cotangent: ["core", "wasm", "nn", "optim", "data", "train", "gradcheck"],
};

/** Packages that run wherever JavaScript runs: they import nothing of Node's. */
const PORTABLE = ["core", "wasm", "nn", "optim"];

/**
 * What only some parts of a package may import (a part is a file or folder of src): everything else works without it, so it
 * does not import those parts either.
 */
const PARTS: Readonly<
  Record<string, readonly { readonly needs: string; readonly parts: readonly string[] }[]>
> = {
  gradcheck: [
    { needs: "node:", parts: ["cli"] },
    { needs: "vitest", parts: ["vitest"] },
    { needs: "fast-check", parts: ["arbitraries", "programs", "vitest"] },
  ],
};

/** The layers of core: each imports from itself and from those before it. */
const CORE_LAYERS = ["util", "types", "ir", "prims", "transform", "ops", "runtime", "reference", "index"];

/** What a package says it needs: the dependencies and peer dependencies of its manifest, by package folder. */
export type Needs = Readonly<Record<string, readonly string[]>>;

/** All violations of the rules in these files, in the order of the files. */
export function checkRules(sources: readonly Source[], needs: Needs): Violation[] {
  const perFile = sources.flatMap((source) => [
    ...source.imports.flatMap((one) => {
      const message =
        packageRule(source, one, needs[source.package] ?? []) ??
        partRule(source, one) ??
        layerRule(source, one);
      return message === undefined ? [] : [{ path: source.path, line: one.line, message }];
    }),
    ...source.bareThrows.map(({ line, name }) => ({
      path: source.path,
      line,
      message: `throws ${name}: throw a class of core's errors, which says the operation and the remedy`,
    })),
    ...source.speechless.map(({ line, name }) => ({
      path: source.path,
      line,
      message: `makes a ${name} without a remedy: say what to do (util/fault.ts, where it is our own mistake)`,
    })),
  ]);
  return [...perFile, ...importCycles(sources)];
}

function packageRule(source: Source, one: Import, needs: readonly string[]): string | undefined {
  if (one.target !== undefined) {
    const leaves = !one.target.startsWith(`packages/${source.package}/src/`);
    return leaves ? `imports ${one.specifier}: that is outside of ${source.package}/src` : undefined;
  }
  if (one.specifier.startsWith("node:")) {
    const forbidden = PORTABLE.includes(source.package);
    return forbidden
      ? `imports ${one.specifier}: ${source.package} also runs where there is no Node`
      : undefined;
  }
  const name = packageName(one.specifier);
  const workspace = name === "cotangent" ? "cotangent" : name.match(/^@cotangent\/(.+)$/)?.[1];
  const allowed = PACKAGES[source.package] ?? [];
  if (workspace !== undefined && !allowed.includes(workspace)) {
    return `imports ${one.specifier}: ${source.package} may import ${allowed.join(", ") || "no other package"}`;
  }
  return needs.includes(name)
    ? undefined
    : `imports ${one.specifier}: ${name} is no dependency in packages/${source.package}/package.json`;
}

function partRule(source: Source, { specifier, target }: Import): string | undefined {
  const from = partOf(source.path);
  const to = target === undefined ? undefined : partOf(target);
  const broken = PARTS[source.package]?.find(
    ({ needs, parts }) =>
      !parts.includes(from) && (to === undefined ? isOf(specifier, needs) : parts.includes(to)),
  );
  if (broken === undefined) return undefined;
  const parts = broken.parts.join(", ");
  return `imports ${specifier}: of ${source.package} only ${parts} may need ${broken.needs.replace(/:$/, "")}`;
}

/** Whether a specifier is of a package, or of Node for `node:`. */
const isOf = (specifier: string, needed: string): boolean =>
  needed.endsWith(":") ? specifier.startsWith(needed) : packageName(specifier) === needed;

/** `@scope/name/deeper` gives `@scope/name`, `name/deeper` gives `name`. */
function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function layerRule(source: Source, one: Import): string | undefined {
  if (source.package !== "core" || one.target === undefined) return undefined;
  const from = coreLayer(source.path);
  const to = coreLayer(one.target);
  for (const layer of [from, to]) {
    if (!CORE_LAYERS.includes(layer)) return `${layer} is no layer of core: ${CORE_LAYERS.join(", ")}`;
  }
  if (CORE_LAYERS.indexOf(to) <= CORE_LAYERS.indexOf(from)) return undefined;
  if (isMethodTypes(source, one)) return undefined;
  const allowed = CORE_LAYERS.slice(0, CORE_LAYERS.indexOf(from) + 1);
  return `imports ${one.specifier}: the layer ${from} may import ${allowed.join(", ")}, but not ${to}`;
}

/** The one exception: the class Tensor takes the types of its methods from ops. */
function isMethodTypes(source: Source, one: Import): boolean {
  return (
    one.typeOnly &&
    source.path === "packages/core/src/ir/tensor.ts" &&
    one.target?.startsWith("packages/core/src/ops/") === true
  );
}

/** `packages/core/src/ir/tensor.ts` gives `ir`; `packages/core/src/index.ts` gives `index`. */
const coreLayer = (path: string): string => partOf(path);

/** The first step below src: `packages/gradcheck/src/cli/run.ts` and `packages/gradcheck/src/cli.ts` give `cli`. */
function partOf(path: string): string {
  return (path.split("/")[3] ?? "").replace(/\.ts$/, "");
}
