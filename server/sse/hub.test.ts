import { EventEmitter } from "node:events";
import type { Request, Response } from "express";
import { expect, test } from "vitest";
import { FakePorts, principal } from "../realtime/fakes.ts";
import { SseHub } from "./hub.ts";

test("SseHub admits nobody who left while the login was looked up", () => {
  const counts = { admitted: 0, dismissed: 0 };
  const hub = new SseHub({
    ports: new FakePorts(),
    caughtUp: () => Promise.resolve(),
    onReplayed: () => undefined,
    onCutOff: () => undefined,
    onFault: () => undefined,
    admit: () => (counts.admitted += 1) > 0,
    dismiss: () => void (counts.dismissed += 1),
  });
  const response = Object.assign(new EventEmitter(), {
    destroyed: true,
    locals: { principal: principal("ann") },
    status: () => response,
    set: () => response,
    flushHeaders: () => undefined,
  });
  void hub.handler(
    { method: "GET", query: {}, get: () => undefined } as unknown as Request,
    response as unknown as Response,
    () => undefined,
  );
  expect(counts).toEqual({ admitted: 0, dismissed: 0 });
});
