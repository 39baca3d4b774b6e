// Where is room for one more stack? Ports and networks that nobody uses now, chosen at random so that two runs that
// choose at the same moment hardly ever choose the same.

import { randomInt } from "node:crypto";
import net from "node:net";
import os from "node:os";
import { runNow } from "../../drivers/programs.ts";

/**
 * Below the range from which Linux takes the ports of outgoing connections (32768 and above), so that none is lost
 * between choice and use.
 */
const portRange = { first: 20_000, end: 32_000 };
const triesMax = 1_000;

/** `count` ports of 127.0.0.1 on which nobody listens. Those of `wished` that are free come first. */
export async function freePorts(count: number, wished: readonly number[] = []): Promise<number[]> {
  const chosen: number[] = [];
  for (const port of wished.slice(0, count)) chosen.push((await isFree(port)) ? port : await randomPort(chosen));
  while (chosen.length < count) chosen.push(await randomPort(chosen));
  return chosen;
}

/** The first of `count` free ports in a row, for a program that takes the ports after its own. */
export async function freeRow(count: number): Promise<number> {
  for (let tries = 0; tries < triesMax; tries++) {
    const first = randomInt(portRange.first, portRange.end - count);
    const row = await Promise.all(Array.from({ length: count }, (_, at) => isFree(first + at)));
    if (row.every(Boolean)) return first;
  }
  throw new Error(`Cannot find ${count} free ports in a row: ${triesMax} tries`);
}

const startsMax = 3;
/** What Docker says of a port or a network that somebody else took between the choice and the start. */
const takenMeanwhile = /port is already allocated|address already in use|pool overlaps with other one/i;

/** Opens what chooses its room by itself; where somebody else was quicker, it chooses again. */
export async function whereRoomIs<T>(open: () => Promise<T>, onStep: (text: string) => void = () => {}): Promise<T> {
  for (let start = 1; ; start++) {
    try {
      return await open();
    } catch (error) {
      if (start === startsMax || !(error instanceof Error) || !takenMeanwhile.test(error.message)) throw error;
      onStep("somebody else took one of its ports meanwhile: again, with others");
    }
  }
}

async function randomPort(taken: readonly number[]): Promise<number> {
  for (let tries = 0; tries < triesMax; tries++) {
    const port = randomInt(portRange.first, portRange.end);
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error(`Cannot find a free port between ${portRange.first} and ${portRange.end}: ${triesMax} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" || error.code === "EACCES" ? resolve(false) : reject(error),
    );
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The first three numbers of a /24 network, such as "10.213.7", that overlaps none of this machine's and none of
 * Docker's.
 */
export function freeNetwork(taken: readonly string[] = networksInUse()): string {
  for (let tries = 0; tries < triesMax; tries++) {
    const prefix = `10.${randomInt(200, 255)}.${randomInt(0, 256)}`;
    if (!taken.some((network) => overlaps(`${prefix}.0/24`, network))) return prefix;
  }
  throw new Error(`Cannot find a free network between 10.200 and 10.254: ${triesMax} tries`);
}

function networksInUse(): string[] {
  const own = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const docker = (...args: string[]): string => runNow("docker", ["network", ...args], { deadlineMs: 10_000 }).stdout;
  const ids = docker("ls", "-q").split("\n").filter(Boolean);
  const subnets = docker("inspect", "--format", "{{range .IPAM.Config}}{{.Subnet}} {{end}}", ...ids);
  return [...own.map((address) => address.cidr ?? ""), ...subnets.split(/\s+/)].filter((network) =>
    /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(network),
  );
}

/** Whether two IPv4 networks in CIDR form have an address in common. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [range(one), range(other)];
  return a.first <= b.last && b.first <= a.last;
}

function range(network: string): { first: number; last: number } {
  const [address = "", bits = "32"] = network.split("/");
  const size = 2 ** (32 - Number(bits));
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}
