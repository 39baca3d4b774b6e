import { expect, test } from "vitest";
import { builtImages, officialImages, parseEnv } from "./images.ts";

test("officialImages() finds a default for each image in the compose file", () => {
  expect(officialImages()).toEqual({
    POSTGRES_IMAGE: "postgres:17",
    REDIS_IMAGE: "redis:8.0",
    KAFKA_IMAGE: "apache/kafka:4.1.0",
    NGINX_IMAGE: "nginx:1.29",
    SERVER_IMAGE: "node:24-slim",
  });
  expect(() => officialImages("services: {}")).toThrow("Cannot find a default for POSTGRES_IMAGE");
});

test("builtImages() names every image by the hash of its recipe", () => {
  const names = Object.values(builtImages());
  for (const name of names) expect(name).toMatch(/^rollcall-\w+:[0-9a-f]{12}$/);
  expect(new Set(names).size).toBe(5);
});

test("parseEnv() reads NAME=value lines and nothing else", () => {
  expect(parseEnv("# note\nA_IMAGE=one:1\r\n\nB=with=equals \n no line\n")).toEqual({
    A_IMAGE: "one:1",
    B: "with=equals",
  });
  expect(parseEnv("")).toEqual({});
});
