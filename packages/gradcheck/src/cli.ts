#!/usr/bin/env node
// cotangent-gradcheck FILE: checks everything that a file exports.
process.exitCode = 2;
