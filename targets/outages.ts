// What can happen to a running stack from outside? Its containers are killed, stopped, paused, or cut off from a
// network; each of it is undone again. Terms: begin – resolves when it took effect; end – undoes it and resolves when
// the engine did; it may be called again, and without begin. Whether the target is well again is for the caller to find
// out, from the target itself.
// `docker pause` freezes every process of a container, as SIGSTOP does to one.

import { run } from "../drivers/programs.ts";
import type { StackAddresses } from "./compose/compose.ts";

const commandDeadlineMs = 60_000;
const pauseAttemptsMax = 5;
/** As `stop_grace_period` in deploy/compose.yml. */
const stopGraceSeconds = 10;

export type Service = keyof StackAddresses["containers"];

export interface Outage {
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** The process is gone without a word (SIGKILL). */
export const killed = (stack: StackAddresses, ...services: Service[]): Outage => ({
  begin: () => each(services, (service) => docker("kill", "--signal", "KILL", stack.containers[service])),
  end: () => start(stack, services),
});

/** The process is asked to go (SIGTERM) and has its time to. */
export const stopped = (stack: StackAddresses, ...services: Service[]): Outage => ({
  begin: () =>
    each(services, (service) => docker("stop", "--time", String(stopGraceSeconds), stack.containers[service])),
  end: () => start(stack, services),
});

/** The process stands still; its connections stay open and silent. */
export const paused = (stack: StackAddresses, ...services: Service[]): Outage => ({
  begin: () => each(services, (service) => pause(stack.containers[service])),
  end: () =>
    each(services, async (service) => {
      if ((await inspect(stack.containers[service], "{{.State.Paused}}")) === "true")
        await docker("unpause", stack.containers[service]);
    }),
});

/**
 * Packets between the service and everybody else on these networks (by their names in the Compose file; all of its own,
 * if none is given) vanish.
 */
export function cutOff(stack: StackAddresses, service: Service, ...names: string[]): Outage {
  const container = stack.containers[service];
  let cut: Attachment[] = [];
  return {
    async begin() {
      const attachments = await attachmentsOf(container);
      cut = attachments.filter(
        ({ network }) => names.length === 0 || names.some((name) => network.endsWith(`_${name}`)),
      );
      await each(cut, ({ network }) => docker("network", "disconnect", "--force", network, container));
    },
    async end() {
      const again = cut.splice(0);
      const attached = new Set((await attachmentsOf(container)).map(({ network }) => network));
      await each(
        again.filter(({ network }) => !attached.has(network)),
        ({ network, aliases, address }) =>
          docker(
            "network",
            "connect",
            ...aliases.flatMap((alias) => ["--alias", alias]),
            ...(address === undefined ? [] : ["--ip", address]),
            network,
            container,
          ),
      );
    },
  };
}

interface Attachment {
  network: string;
  aliases: string[];
  /** The address that was asked for, where the Compose file asks for one. */
  address?: string;
}

async function attachmentsOf(container: string): Promise<Attachment[]> {
  const networks = JSON.parse(await inspect(container, "{{json .NetworkSettings.Networks}}")) as Record<
    string,
    { Aliases: string[] | null; IPAMConfig: { IPv4Address?: string } | null }
  >;
  return Object.entries(networks).map(([network, { Aliases, IPAMConfig }]) => ({
    network,
    aliases: Aliases ?? [],
    ...(IPAMConfig?.IPv4Address ? { address: IPAMConfig.IPv4Address } : {}),
  }));
}

/**
 * A busy machine may not freeze all processes of a container within the time that the engine gives it; then none is
 * frozen.
 */
async function pause(container: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await docker("pause", container);
    } catch (error) {
      if (attempt === pauseAttemptsMax || !/unable to freeze/.test((error as Error).message)) throw error;
    }
  }
}

const start = (stack: StackAddresses, services: readonly Service[]): Promise<void> =>
  each(services, (service) => docker("start", stack.containers[service]));

const inspect = async (container: string, format: string): Promise<string> =>
  (await run("docker", ["inspect", "--format", format, container], { deadlineMs: commandDeadlineMs })).stdout.trim();

async function docker(...args: string[]): Promise<void> {
  await run("docker", args, { deadlineMs: commandDeadlineMs });
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  await Promise.all(items.map(work));
}

/** Waits until all who are expected are there, then does the work once. */
class Meeting {
  readonly #work: () => Promise<void>;
  readonly #done = Promise.withResolvers<void>();
  #expected: number;
  #arrived = 0;
  #started = false;

  constructor(expected: number, work: () => Promise<void>) {
    this.#expected = expected;
    this.#work = work;
    this.#done.promise.catch(() => undefined); // reported to those who arrived
  }

  /** Resolves when the work is done. */
  arrive(): Promise<void> {
    this.#arrived += 1;
    this.#look();
    return this.#done.promise;
  }

  /** One who did not arrive is not expected any more. */
  leave(): void {
    this.#expected -= 1;
    this.#look();
  }

  #look(): void {
    if (this.#started || this.#arrived === 0 || this.#arrived < this.#expected) return;
    this.#started = true;
    this.#work().then(this.#done.resolve, this.#done.reject);
  }
}

/**
 * One outage that several runs go through at the same time: it begins once each of them has asked for it, and is undone
 * once each of them has asked for that. A run that is over (disposed of) is not waited for.
 */
export class SharedOutage {
  readonly #begin: Meeting;
  readonly #end: Meeting;

  constructor(outage: Outage, runs: number) {
    this.#begin = new Meeting(runs, () => outage.begin());
    this.#end = new Meeting(runs, () => outage.end());
  }

  /** A run's share in it: one each. */
  share(): Outage & Disposable {
    let begun: Promise<void> | undefined;
    let ended: Promise<void> | undefined;
    return {
      begin: () => (begun ??= this.#begin.arrive()),
      end: () => (ended ??= this.#end.arrive()),
      [Symbol.dispose]: () => {
        if (begun === undefined) this.#begin.leave();
        if (ended === undefined) this.#end.leave();
      },
    };
  }
}
