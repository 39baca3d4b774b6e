import net from "node:net";
import { expect, test } from "vitest";
import { freeNetwork, freePorts, freeRow, overlaps, whereRoomIs } from "./room.ts";

test("overlaps() finds networks with an address in common", () => {
  expect(overlaps("10.213.7.0/24", "10.213.7.128/25")).toBe(true);
  expect(overlaps("10.213.7.0/24", "10.0.0.0/8")).toBe(true);
  expect(overlaps("10.213.7.0/24", "10.213.8.0/24")).toBe(false);
  expect(overlaps("10.213.7.0/24", "172.17.0.0/16")).toBe(false);
});

test("freeNetwork() stays away from what is taken", () => {
  const taken = ["10.200.0.0/13", "10.208.0.0/12", "10.224.0.0/11"];
  expect(() => freeNetwork(taken)).toThrow("Cannot find a free network");
  expect(freeNetwork(["172.17.0.0/16"])).toMatch(/^10\.2\d\d\.\d+$/);
});

test("freePorts() takes wished ports that are free, and others for those that are not", async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: busy } = server.address() as net.AddressInfo;
  const ports = await freePorts(7, [busy]);
  await new Promise((resolve) => server.close(resolve));
  expect(ports).not.toContain(busy);
  expect(new Set(ports).size).toBe(7);
  expect(await freePorts(1, [ports[0] ?? 0])).toEqual([ports[0]]);
});

test("whereRoomIs() opens again where somebody else was quicker, three times at most, and nothing else", async () => {
  const taken = new Error("driver failed on endpoint a-1: Bind for 127.0.0.1:30697 failed: port is already allocated");
  const [said, outcomes]: [string[], (Error | number)[]] = [[], [taken, 7]];
  const open = (): Promise<number> => {
    const outcome = outcomes.shift()!;
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  };
  expect(await whereRoomIs(open, (text) => said.push(text))).toBe(7);
  expect(said).toHaveLength(1);
  outcomes.push(taken, taken, taken, 8);
  await expect(whereRoomIs(open)).rejects.toBe(taken);
  expect(outcomes).toEqual([8]);
  outcomes.unshift(new Error("no such image"));
  await expect(whereRoomIs(open)).rejects.toThrow("no such image");
});

test("freeRow() gives the first of ports that can all be had", async () => {
  const first = await freeRow(5);
  const servers = Array.from({ length: 5 }, () => net.createServer());
  const listening = servers.map(
    (server, at) =>
      new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(first + at, "127.0.0.1", resolve);
      }),
  );
  await Promise.all(listening);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await expect(freeRow(100_000)).rejects.toThrow(RangeError);
});
