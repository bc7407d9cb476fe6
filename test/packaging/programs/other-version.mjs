// A process in which another version of core already runs.
Object.defineProperty(globalThis, Symbol.for("cotangent/core@1"), {
  value: { version: "9.8.7", slots: new Map() },
});
await import("cotangent").catch((error) => console.log(`${error.name}: ${error.message}`));
