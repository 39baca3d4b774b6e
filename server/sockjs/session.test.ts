import { expect, test } from "vitest";
import { OutgoingMessage, type ConnectionListener } from "../realtime/connection.ts";
import { SockJsSession, type Receiver } from "./session.ts";

/** A response that takes `room` frames and is full then. */
function receiver(room: number): Receiver & { frames: string[] } {
  const frames: string[] = [];
  return {
    frames,
    write(frame) {
      frames.push(frame);
      return frames.length < room;
    },
    end: () => undefined,
  };
}

const listener: ConnectionListener = { onData: () => true, onPartial: () => undefined, onClose: () => undefined };
const nobody = { onClosed: () => undefined, onGone: () => undefined };
const message = (text: string): OutgoingMessage => new OutgoingMessage(Buffer.from(text));

test("SockJsSession.resume() of a receiver that is no longer the one leaves the new one alone", () => {
  const session = new SockJsSession("127.0.0.1", () => listener, nobody);
  const [first, second] = [receiver(2), receiver(10)];
  session.attach(first);
  session.send(message("a"));
  session.send(message("b"));
  session.detach(first);
  session.attach(second);
  session.resume(first);
  session.send(message("c"));
  expect(first.frames).toEqual(["o", 'a["a"]']);
  expect(second.frames).toEqual(['a["b"]', 'a["c"]']);
  session.end(1000, "");
});
