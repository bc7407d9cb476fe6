export * from "@cotangent/data";
