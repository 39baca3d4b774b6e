import { expect, test } from "vitest";
import { closedEnvironment } from "./environment.ts";

test("closedEnvironment() passes on where things are, what is named, and what is added; nothing else", () => {
  const caller = {
    PATH: "/bin",
    HOME: "/home/one",
    DATABASE_URL: "postgres://theirs",
    ADMIN_PASSWORD: "theirs",
    K6_OUT: "csv",
    SSL_CERT_FILE: "ca.pem",
  };
  expect(closedEnvironment({ LOG_LEVEL: "warn", HOME: "/other" }, ["SSL_CERT_FILE", "NOT_SET"], caller)).toEqual({
    PATH: "/bin",
    HOME: "/other",
    SSL_CERT_FILE: "ca.pem",
    LOG_LEVEL: "warn",
  });
});
