import net from "node:net";
import { expect, test } from "vitest";
import { freeNetwork, freePorts, freeRow, overlaps } from "./room.ts";

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
