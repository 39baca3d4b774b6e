// Can this machine hold so many connections? Asked before a load run, so that our own limit is not reported as a
// failure of the target. Nothing is changed: what would lift a limit is printed. Limits are read on Linux; elsewhere
// descriptors alone.

import { readFileSync } from "node:fs";
import { freemem } from "node:os";
import { HarnessError } from "../../drivers/errors.ts";
import { runNow } from "../../drivers/programs.ts";
import { shardsOf, takesAnySource, type Machine } from "../../load/shards.ts";

/** Descriptors that a process needs beside its sockets. */
const spareDescriptors = 200;
/** Of the generator and of what the kernel keeps for both ends; an estimate on the safe side. */
const bytesPerConnection = 24 * 1_024;
/** Where nothing says how many ports there are: half of what Linux has by default. */
const usualPorts = 14_000;

/** What limits a run here; undefined: this system does not say. */
export interface Limits {
  descriptors: number | undefined;
  /** The range of local ports. */
  ports: readonly [low: number, high: number] | undefined;
  /** Connections that the firewall follows, if it does, and how many it follows already. */
  followed: { max: number; now: number } | undefined;
  freeBytes: number;
}

export interface Asked {
  connections: number;
  /** Of the target's instances; none: the embedded server, which is started here. */
  urls: readonly string[];
  /** k6 is one process. */
  byK6: boolean;
}

/** Beyond half the range connecting gets slow, beyond all of it impossible. */
const portsPerAddress = ({ ports }: Limits): number =>
  ports === undefined ? usualPorts : Math.floor((ports[1] - ports[0] + 1) / 2);

export const machineOf = (limits: Limits): Machine => ({ portsPerAddress: portsPerAddress(limits) });

export function readLimits(): Limits {
  const numbersIn = (file: string): number[] | undefined => {
    try {
      return readFileSync(file, "utf8").trim().split(/\s+/).map(Number);
    } catch {
      return undefined; // not on this system, or the firewall follows nothing
    }
  };
  const ofShell =
    process.platform === "win32" ? "" : runNow("/bin/sh", ["-c", "ulimit -n"], { deadlineMs: 10_000 }).stdout.trim();
  const [low, high] = numbersIn("/proc/sys/net/ipv4/ip_local_port_range") ?? [];
  const [max] = numbersIn("/proc/sys/net/netfilter/nf_conntrack_max") ?? [];
  const [now] = numbersIn("/proc/sys/net/netfilter/nf_conntrack_count") ?? [];
  return {
    descriptors: /^\d+$/.test(ofShell) ? Number(ofShell) : undefined,
    ports: low === undefined || high === undefined ? undefined : [low, high],
    followed: max === undefined || now === undefined ? undefined : { max, now },
    freeBytes: freemem(),
  };
}

/** Where the embedded server will be. */
const embeddedUrl = "http://127.0.0.1";

/** The plan, a line each. Throws HarnessError with the limit and what lifts it when it cannot work. */
export function preflight({ connections, urls: given, byK6 }: Asked, limits: Limits): string[] {
  const isEmbedded = given.length === 0;
  const urls = isEmbedded ? [embeddedUrl] : given;
  const machine = machineOf(limits);
  const shards = byK6 ? [{ from: 0, to: connections, localAddress: undefined }] : shardsOf(connections, urls, machine);
  const most = Math.max(...shards.map(({ from, to }) => to - from));
  const cannot = (because: string, next: string): never => {
    throw new HarnessError(`Cannot hold ${connections} connections: ${because}; next: ${next}, or lower --connections`);
  };
  const { descriptors, followed, freeBytes } = limits;
  const needed = (isEmbedded ? connections : most) + spareDescriptors;
  if (descriptors !== undefined && descriptors < needed)
    cannot(
      `a process may open ${descriptors} descriptors, and ${isEmbedded ? "the embedded server" : "each of ours"} needs ${needed}`,
      `ulimit -n ${needed}`,
    );
  const perAddress = Math.ceil(
    (shards.some(({ localAddress }) => localAddress !== undefined) ? most : connections) / urls.length,
  );
  if (limits.ports !== undefined && perAddress > machine.portsPerAddress)
    cannot(
      `the local ports ${limits.ports.join("–")} give ${machine.portsPerAddress} to one address without slowing down`,
      takesAnySource(urls)
        ? 'sysctl -w net.ipv4.ip_local_port_range="10240 65535"'
        : 'sysctl -w net.ipv4.ip_local_port_range="10240 65535", or name 127.0.0.1 or several instances',
    );
  // Each connection of this machine with itself is followed once.
  if (followed !== undefined && followed.now + connections > followed.max)
    cannot(
      `the firewall follows ${followed.max} connections, and ${followed.now} there are`,
      `sysctl -w net.netfilter.nf_conntrack_max=${2 * (followed.now + connections)}`,
    );
  if (connections * bytesPerConnection > freeBytes)
    cannot(
      `${Math.round(freeBytes / 1_048_576)} MiB of memory are free, and some ${Math.round((connections * bytesPerConnection) / 1_048_576)} MiB are needed`,
      "end what takes memory",
    );
  const sources = shards.flatMap(({ localAddress }) => localAddress ?? []);
  return [
    `preflight: ${shards.length === 1 ? "one process holds" : `${shards.length} processes hold`} up to ${most} connections${shards.length === 1 ? "" : " each"}${sources.length === 0 ? "" : `, from ${sources[0]} to ${sources.at(-1)}`}`,
    `preflight: ${descriptors ?? "unlimited"} descriptors a process, ${machine.portsPerAddress} ports to one address, ${Math.round(freeBytes / 1_048_576)} MiB free`,
  ];
}
