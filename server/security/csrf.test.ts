import { expect, test } from "vitest";
import { csrfHolds } from "./csrf.ts";

test("csrfHolds() asks nothing of safe methods", () => {
  for (const method of ["GET", "HEAD", "OPTIONS"]) expect(csrfHolds(method, undefined, undefined)).toBe(true);
});

test("csrfHolds() wants the header to repeat the cookie", () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    expect(csrfHolds(method, "token", "token")).toBe(true);
    expect(csrfHolds(method, "token", "tokem")).toBe(false);
    expect(csrfHolds(method, "token", "token2")).toBe(false);
    expect(csrfHolds(method, undefined, "token")).toBe(false);
    expect(csrfHolds(method, "token", undefined)).toBe(false);
    expect(csrfHolds(method, "", "")).toBe(false);
  }
});
