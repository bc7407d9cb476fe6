import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@cotangent\/([a-z]+)$/, replacement: `${source("./packages")}/$1/src/index.ts` },
      { find: /^cotangent\/data$/, replacement: source("./packages/cotangent/src/data.ts") },
      { find: /^cotangent$/, replacement: source("./packages/cotangent/src/index.ts") },
    ],
  },
  test: {
    setupFiles: [source("./test/setup.ts")],
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts", "examples/*/test/**/*.test.ts"],
    // Generous, for machines that are slow or busy: a test that hangs is still found.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
