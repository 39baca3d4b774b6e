// What does somebody gain who takes over one service of the stack? As little as possible. The running containers are
// asked, since the Compose file only states the intention.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { demoAdmin } from "../../systems/discodeit/wire.ts";
import { servedSystems } from "../../systems/served/wire.ts";

const execute = promisify(execFile);
const { containers } = inject("stack");

interface Inspected {
  Config: { Env: string[] };
  HostConfig: {
    ReadonlyRootfs: boolean;
    CapAdd: string[] | null;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    Memory: number;
    PidsLimit: number | null;
    Privileged: boolean;
    PortBindings: Record<string, { HostIp: string }[]>;
  };
}

/** A variable of a container's environment. */
const variable = ({ Config }: Inspected, name: string): string | undefined =>
  Config.Env.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);

async function inspect(container: string): Promise<Inspected> {
  const { stdout } = await execute("docker", ["inspect", container]);
  return (JSON.parse(stdout) as Inspected[])[0]!;
}

test.each(Object.entries(containers))(
  "%s has a read-only root, no capability, and bounds on memory and processes",
  async (_, container) => {
    const { HostConfig } = await inspect(container);
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapAdd: null, CapDrop: ["ALL"], Privileged: false });
    expect(HostConfig.SecurityOpt).toContain("no-new-privileges:true");
    expect(HostConfig.Memory).toBeGreaterThan(0);
    expect(HostConfig.PidsLimit).toBeGreaterThan(0);
  },
);

test("Redis and PostgreSQL refuse clients without the password, which is random", async () => {
  const redis = await execute("docker", [
    "exec",
    containers.redis,
    "env",
    "-u",
    "REDISCLI_AUTH",
    "redis-cli",
    "ping",
  ]).catch((error: unknown) => error);
  expect(JSON.stringify(redis)).toContain("NOAUTH");
  const psql = ["psql", "-w", "-h", "127.0.0.1", "-U", "rollcall", "-c", "SELECT 1", "rollcall"];
  await expect(execute("docker", ["exec", "-e", "PGPASSWORD=rollcall", containers.postgres, ...psql])).rejects.toThrow(
    "authentication failed",
  );
  expect(variable(await inspect(containers.redis), "REDIS_PASSWORD")).toMatch(/^[\da-f]{48}$/);
  expect(variable(await inspect(containers.postgres), "POSTGRES_PASSWORD")).toMatch(/^[\da-f]{48}$/);
});

test("nothing that the caller has in the environment reaches the stack", async () => {
  expect(variable(await inspect(containers["server-1"]), "ADMIN_PASSWORD")).toBe(demoAdmin.password);
  const proxy = await inspect(containers.proxy);
  expect(variable(proxy, "BALANCE")).toBe("round_robin");
  expect(
    Object.values(proxy.HostConfig.PortBindings).flatMap((bindings) => bindings.map(({ HostIp }) => HostIp)),
    // A port a system, and the broker's TCP.
  ).toEqual([...servedSystems, "tcp"].map(() => "127.0.0.1"));
});
