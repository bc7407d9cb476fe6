#!/usr/bin/env node
// cotangent-gradcheck FILE...: checks everything that files export.
import { checkers } from "./cli/checkers.ts";
import { withTypes } from "./cli/restart.ts";
import { run } from "./cli/run.ts";

const args = process.argv.slice(2);
const streams = { out: process.stdout, err: process.stderr, color: !process.env.NO_COLOR };
process.exitCode = await withTypes(args, () => run(args, checkers, streams));
