import { expect, test } from "vitest";
import { preflight, readLimits, type Limits } from "./preflight.ts";

const limits: Limits = {
  descriptors: 20_000,
  ports: [32_768, 60_999],
  followed: { max: 262_144, now: 100 },
  freeBytes: 8 * 1024 ** 3,
};
const here = ["ws://127.0.0.1:8080/ws"];

test("what fits is a plan", () => {
  expect(preflight({ connections: 2_000, urls: here, byK6: false }, limits)).toEqual([
    "preflight: one process holds up to 2000 connections",
    "preflight: 20000 descriptors a process, 14116 ports to one address, 8192 MiB free",
  ]);
  expect(preflight({ connections: 50_000, urls: here, byK6: false }, limits)[0]).toBe(
    "preflight: 4 processes hold up to 12500 connections each, from 127.0.0.2 to 127.0.0.5",
  );
});

test.each([
  [
    "k6, one process",
    { connections: 14_200, urls: here, byK6: true },
    {},
    /32768–60999 give 14116 .*ip_local_port_range/,
  ],
  [
    "the embedded server",
    { connections: 25_000, urls: [], byK6: false },
    {},
    /embedded server needs 25200; next: ulimit -n 25200/,
  ],
  [
    "a name that is one address",
    { connections: 15_000, urls: ["ws://chat/ws"], byK6: false },
    {},
    /or name 127\.0\.0\.1 or several/,
  ],
  [
    "few descriptors",
    { connections: 2_000, urls: here, byK6: false },
    { descriptors: 1_024 },
    /each of ours needs 2200; next: ulimit -n 2200/,
  ],
  [
    "a firewall",
    { connections: 2_000, urls: here, byK6: false },
    { followed: { max: 2_000, now: 50 } },
    /nf_conntrack_max=4100/,
  ],
  [
    "little memory",
    { connections: 10_000, urls: here, byK6: false },
    { freeBytes: 100 * 1024 ** 2 },
    /100 MiB of memory are free/,
  ],
])("%s is too small, and what lifts the limit is printed", (_, asked, less, message) => {
  expect(() => preflight(asked, { ...limits, ...less })).toThrow(message);
});

test("the limits of this machine can be read", () => {
  expect(readLimits().freeBytes).toBeGreaterThan(0);
});
