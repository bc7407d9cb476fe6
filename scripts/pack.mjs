// Packs the packages as they would be published.

import { join } from "node:path";
import { build, readPackages } from "./build.mjs";
import { binPath, mustRun } from "./setup.mjs";

/**
 * Builds and packs all packages into `destination`; gives the tarball of each, by package name.
 * @returns {Promise<Record<string, string>>}
 */
export async function packAll(destination) {
  await build();
  const args = ["--recursive", "--filter=./packages/*", "pack", `--pack-destination=${destination}`];
  await mustRun(binPath("pnpm"), args, { stdio: ["ignore", "ignore", "inherit"] });
  return Object.fromEntries(
    readPackages().map(({ manifest: { name, version } }) => {
      const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
      return [name, join(destination, file)];
    }),
  );
}
