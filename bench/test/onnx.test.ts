import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../peers/onnx/model.ts";
import { bytes, float, integer } from "../peers/onnx/protobuf.ts";

describe("protobuf", () => {
  // The examples of https://protobuf.dev/programming-guides/encoding
  test("writes the examples of its guide", () => {
    expect([...integer(1, 150)]).toEqual([0x08, 0x96, 0x01]);
    expect([...bytes(2, "testing")]).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    expect([...bytes(3, [integer(1, 150)])]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
  });

  test("writes floats from the lowest byte and integers beyond 32 bits", () => {
    expect([...float(1, 1)]).toEqual([0x0d, 0, 0, 0x80, 0x3f]);
    expect([...integer(1, 2 ** 35)]).toEqual([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
  });

  test.each([-1, 1.5, 2 ** 53])("refuses %d as a varint", (value) => {
    expect(() => integer(1, value)).toThrow(RangeError);
  });
});

test("a graph names its values", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", [2]);
  const sum = graph.node("Add", [x, graph.scalar(1)], {}, "sum");
  graph.output(sum, [2]);
  const text = new TextDecoder().decode(graph.build());
  for (const name of ["x", "sum", "Add"]) expect(text).toContain(name);
});
