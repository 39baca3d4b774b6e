import { expect, test } from "vitest";
import { shardsOf } from "./shards.ts";

const machine = { portsPerAddress: 14_000 };
const here = ["ws://127.0.0.1:8080/ws"];

test("few connections are one process's, from whichever address", () => {
  expect(shardsOf(2_000, here, machine)).toEqual([{ from: 0, to: 2_000, localAddress: undefined }]);
});

test("many are spread evenly over processes, each with an address and ports of its own", () => {
  expect(shardsOf(30_001, here, machine)).toEqual([
    { from: 0, to: 10_000, localAddress: "127.0.0.2" },
    { from: 10_000, to: 20_000, localAddress: "127.0.0.3" },
    { from: 20_000, to: 30_001, localAddress: "127.0.0.4" },
  ]);
});

test("each instance has ports of its own", () => {
  expect(shardsOf(19_000, [...here, "ws://127.0.0.1:8081/ws"], machine)).toHaveLength(1);
});

test.each(["ws://localhost:8080/ws", "ws://chat.example/ws"])("%s is reached from one address", (url) => {
  expect(shardsOf(20_000, [url], machine).map(({ localAddress }) => localAddress)).toEqual([undefined, undefined]);
});
