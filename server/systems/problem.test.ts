import { expect, test } from "vitest";
import { BusyError } from "../security/gate.ts";
import type { Refusal } from "../trace.ts";
import { noteFailure } from "./problem.ts";

test("noteFailure() writes a refusal, no fault, when only too much was under way", () => {
  const refusals: Refusal[] = [];
  const faults: unknown[] = [];
  const host = {
    trace: { refused: (refusal: Refusal) => void refusals.push(refusal) },
    onFault: (error: unknown) => void faults.push(error),
  };
  const request = { method: "POST", path: "/api/auth/login", ip: "10.0.0.7" };
  const broken = new Error("broken");
  noteFailure(host, new BusyError("full"), request);
  noteFailure(host, broken, request);
  expect(refusals).toEqual([{ kind: "busy", from: "10.0.0.7", what: "POST /api/auth/login" }]);
  expect(faults).toEqual([broken]);
});
