// Biome (style, format and common mistakes), then the rules between files.

import { binPath, runNode, setUp } from "./setup.mjs";

setUp();
const biome = await runNode(binPath("@biomejs/biome", "biome"), ["check", "--error-on-warnings", "."]);
const rules = await runNode("scripts/check-rules.ts");
process.exitCode = biome || rules;
