import { expect, test } from "vitest";
import { Broker } from "./broker.ts";
import { textFrame, type OutgoingMessage } from "../realtime/connection.ts";
import { destinationOf, messageRecord } from "../realtime/fakes.ts";
import { RecentIds } from "../realtime/recent-ids.ts";
import { endpointKind } from "../realtime/websocket.ts";

const listener = () => {
  const got: OutgoingMessage[] = [];
  return { got, deliver: (message: OutgoingMessage) => void got.push(message) };
};

test("Broker.deliver() builds one message per subscription id and shares it", () => {
  const broker = new Broker();
  const [ann, bob] = [listener(), listener()];
  const room = destinationOf("c1");
  broker.subscribe(room, "sub-0", ann);
  broker.subscribe(room, "sub-0", bob);
  broker.subscribe(room, "sub-1", bob);
  broker.subscribe(destinationOf("c2"), "sub-2", bob);
  expect(broker.subscriptionCount).toBe(4);
  expect(broker.deliver(messageRecord("m1"))).toBe(3);
  expect(ann.got[0]).toBe(bob.got[0]);
  expect(bob.got.length).toBe(2);
  expect(ann.got[0]?.sockJsFrame).toBe(bob.got[0]?.sockJsFrame);
});

test("Broker drops repeated ids, and delivers nothing after unsubscribe()", () => {
  const broker = new Broker();
  const ann = listener();
  broker.subscribe(destinationOf("c1"), "s", ann);
  expect([broker.deliver(messageRecord("m1")), broker.deliver(messageRecord("m1"))]).toEqual([1, 0]);
  broker.unsubscribe(destinationOf("c1"), "s", ann);
  broker.unsubscribe(destinationOf("c1"), "s", ann);
  expect(broker.subscriptionCount).toBe(0);
  expect(broker.deliver(messageRecord("m2"))).toBe(0);
});

test("RecentIds forgets the oldest first", () => {
  const recent = new RecentIds(3);
  expect(["a", "b", "c", "a", "d", "b", "a"].map((id) => recent.add(id))).toEqual([
    true,
    true,
    true,
    false,
    true,
    false,
    true,
  ]);
});

test("endpointKind() knows the URLs of both protocols", () => {
  for (const url of ["/ws", "/ws/", "/ws?x=1", "/ws/websocket"]) expect(endpointKind("/ws", url)).toBe("websocket");
  for (const url of ["/ws/000/abcdefgh/websocket", "/ws/_/_/websocket?t=1"])
    expect(endpointKind("/ws", url)).toBe("sockjs-websocket");
  for (const url of ["/", "/wsx", "/ws/a", "/ws//a/websocket", "/ws/a./b/websocket", "/ws/a/b/xhr", "/x/ws"])
    expect(endpointKind("/ws", url)).toBeUndefined();
});

test("textFrame() says its length in 7, 16 or 64 bits", () => {
  const head = (bytes: number): number[] => [
    ...textFrame(new Uint8Array(bytes)).subarray(0, textFrame(new Uint8Array(bytes)).length - bytes),
  ];
  expect(head(0)).toEqual([0x81, 0]);
  expect(head(125)).toEqual([0x81, 125]);
  expect(head(126)).toEqual([0x81, 126, 0, 126]);
  expect(head(65_535)).toEqual([0x81, 126, 255, 255]);
  expect(head(65_536)).toEqual([0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
});
