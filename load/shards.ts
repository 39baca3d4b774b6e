// How many processes hold how many connections, and from which addresses? A process has so many descriptors, and one
// address so many ports towards another one. On this machine each process can have a loopback address of its own.

/** Of one process: its limit of descriptors is 20,000 on many machines. */
const perProcessMax = 19_000;

export interface Shard {
  /** Numbers of its connections, `to` not included. */
  from: number;
  to: number;
  /** Undefined: the system's choice. */
  localAddress: string | undefined;
}

export interface Machine {
  /** That one address may take towards one other without slowing down. */
  portsPerAddress: number;
}

/** Whether a target is at a literal address to which any loopback address may connect. */
export const takesAnySource = (urls: readonly string[]): boolean =>
  urls.length > 0 && urls.every((url) => /^127\.\d+\.\d+\.\d+$/.test(new URL(url).hostname));

/**
 * `urls`: of the target's instances, which the connections share evenly: each is an address of its own. One that takes
 * no source of ours gets all from the same.
 */
export function shardsOf(connections: number, urls: readonly string[], { portsPerAddress }: Machine): Shard[] {
  const isHere = takesAnySource(urls);
  const perProcess = isHere ? Math.min(perProcessMax, portsPerAddress * Math.max(1, urls.length)) : perProcessMax;
  const count = Math.max(1, Math.ceil(connections / perProcess));
  const borders = Array.from({ length: count + 1 }, (_, number) => Math.floor((connections * number) / count));
  return Array.from({ length: count }, (_, number) => ({
    from: borders[number]!,
    to: borders[number + 1]!,
    // 127.0.0.1 stays for whoever speaks.
    localAddress: isHere && count > 1 ? `127.0.0.${number + 2}` : undefined,
  }));
}
