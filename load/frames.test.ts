import { expect, test } from "vitest";
import { FrameCutter, headerIn } from "./frames.ts";

function cutter() {
  const seen: string[] = [];
  const cut = new FrameCutter({
    onFrame: (socket, octets, from, to) => void seen.push(`${socket} ${octets.toString("utf8", from, to)}`),
  });
  return {
    seen,
    take: (socket: number, text: string) => cut.take(socket, Buffer.from(text), 0, Buffer.byteLength(text)),
  };
}

test("frames are separated, however they come", () => {
  const whole = "CONNECTED\nversion:1.2\n\n\0\n\nMESSAGE\ndestination:/a\n\n안녕\0";
  const frames = ["1 CONNECTED\nversion:1.2\n\n", "1 MESSAGE\ndestination:/a\n\n안녕"];
  for (let at = 0; at <= whole.length; at++) {
    const { seen, take } = cutter();
    // Never inside a character: a WebSocket text is whole.
    expect(take(1, whole.slice(0, at)) && take(1, whole.slice(at))).toBe(true);
    expect(seen).toEqual(frames);
  }
});

test("the beginnings of several sockets are kept apart", () => {
  const { seen, take } = cutter();
  take(1, "RECEIPT\nrece");
  take(2, "RECEIPT\n\n\0");
  take(1, "ipt-id:7\n\n\0");
  expect(seen).toEqual(["2 RECEIPT\n\n", "1 RECEIPT\nreceipt-id:7\n\n"]);
});

test("what never ends is refused", () => {
  const { take } = cutter();
  let taken = 0;
  while (taken < 40 && take(1, "x".repeat(60_000))) taken += 1;
  expect(taken).toBeLessThan(20);
});

test("headerIn() reads the head alone", () => {
  const frame = Buffer.from("RECEIPT\r\nreceipt-id:0-1\r\n\r\nmessage:no");
  expect(headerIn(frame, 0, frame.length, "receipt-id")).toBe("0-1");
  expect(headerIn(frame, 0, frame.length, "message")).toBeUndefined();
});
