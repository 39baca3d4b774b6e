// Is this instance alive, and can it be relied on? /healthz says the process answers; /readyz says 503 with reasons
// while the store, Kafka or Redis is away, or while it drains. Connections are kept in either case.

import { setTimeout as wait } from "node:timers/promises";

export interface Dependency {
  name: string;
  /** Why it cannot be relied on right now, or undefined. May take its time; a slow answer counts as trouble. */
  trouble(): Promise<string | undefined> | string | undefined;
}

const answerWithinMs = 1_500;

/** All reasons not to send users here. */
export async function findTroubles(dependencies: readonly Dependency[]): Promise<string[]> {
  const troubles = await Promise.all(dependencies.map(ask));
  return troubles.filter((trouble) => trouble !== undefined);
}

async function ask(dependency: Dependency): Promise<string | undefined> {
  const answered = new AbortController();
  const late = wait(answerWithinMs, `${dependency.name}: no answer within ${answerWithinMs} ms`, {
    signal: answered.signal,
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([Promise.resolve(dependency.trouble()), late]);
  } catch (error) {
    return `${dependency.name}: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    answered.abort();
  }
}
