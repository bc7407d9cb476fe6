import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { chosenEngines } from "./test/matrix.ts";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What computes: it runs on every engine of the matrix (test/matrix.ts), the rest once. */
const COMPUTING = [
  "packages/{core,nn,optim,train}/test/**/*.test.ts",
  "test/{gradients,oracle,training}/**/*.test.ts",
];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@cotangent\/([a-z]+)$/, replacement: `${source("./packages")}/$1/src/index.ts` },
      {
        find: /^@cotangent\/gradcheck\/([a-z]+)$/,
        replacement: `${source("./packages")}/gradcheck/src/$1.ts`,
      },
      { find: /^cotangent\/(.+)$/, replacement: `${source("./packages/cotangent/src")}/$1.ts` },
      { find: /^cotangent$/, replacement: source("./packages/cotangent/src/index.ts") },
    ],
  },
  test: {
    setupFiles: [source("./test/setup.ts")],
    // Generous, for machines that are slow or busy: a test that hangs is still found.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "general",
          include: [
            "packages/*/test/**/*.test.ts",
            "test/**/*.test.ts",
            "examples/*/test/**/*.test.ts",
            "bench/test/**/*.test.ts",
          ],
          exclude: [...configDefaults.exclude, ...COMPUTING],
        },
      },
      ...chosenEngines().map((engine) => ({
        extends: true as const,
        test: {
          name: engine,
          include: COMPUTING,
          env: { COTANGENT_ENGINE: engine },
          // The reference engine has one thread and leaves the other cores to more files, once all else has run.
          ...(engine === "reference" ? { maxWorkers: "100%", sequence: { groupOrder: 1 } } : {}),
        },
      })),
    ],
  },
});
