// Can this machine hold so many connections? Asked before a load run, so that our own limit is not reported as a
// failure of the target.

import { readFileSync } from "node:fs";
import { HarnessError } from "../../drivers/errors.ts";
import { runNow } from "../../drivers/programs.ts";

/** Descriptors that a process needs beside its sockets. */
const spareDescriptors = 200;

/**
 * Says what was checked. Throws HarnessError with the limit and what to do when it cannot work. Limits are read on
 * Linux and macOS only.
 */
export function preflight(connections: number, serverIsHere: boolean): string[] {
  if (process.platform === "win32") return [];
  const said: string[] = [];
  const descriptors = Number(runNow("/bin/sh", ["-c", "ulimit -n"], { deadlineMs: 10_000 }).stdout.trim());
  const needed = connections + spareDescriptors;
  if (Number.isFinite(descriptors) && descriptors < needed) {
    throw new HarnessError(
      `Cannot hold ${connections} connections: a process may open ${descriptors} descriptors and needs ${needed}; raise the limit (ulimit -n ${needed}) or lower --connections`,
    );
  }
  said.push(
    `preflight: ${Number.isFinite(descriptors) ? descriptors : "unlimited"} descriptors a process${serverIsHere ? ", client and server each" : ""}`,
  );
  if (process.platform !== "linux") return said;
  const [low, high] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
    .trim()
    .split(/\s+/)
    .map(Number) as [number, number];
  // Beyond half the range connecting gets slow, beyond all of it impossible.
  const ports = high - low + 1;
  if (connections > ports / 2)
    throw new HarnessError(
      `Cannot hold ${connections} connections to one address: the port range ${low}–${high} gives ${Math.floor(ports / 2)} without slowing down; widen net.ipv4.ip_local_port_range or lower --connections`,
    );
  said.push(`preflight: ${ports} local ports`);
  return said;
}
