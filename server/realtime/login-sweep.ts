// Which live connections outlive their login? Every so often the logins of all connections are asked for, and those of
// ended ones end, so that a connection is gone within 5 s of logout, second login, role change, deletion or the end of
// the refresh session.

import type { RealtimePorts } from "./ports.ts";

const loginsPerQuestion = 1_000;

export interface LoginSweep {
  stop(): void;
}

export interface LoginSweepOptions {
  ports: Pick<RealtimePorts, "endedLogins">;
  everyMs: number;
  /** The logins in use now. */
  logins: () => Set<string>;
  end: (ended: ReadonlySet<string>) => void;
  onFault: (error: unknown) => void;
}

export function startLoginSweep({ ports, everyMs, logins, end, onFault }: LoginSweepOptions): LoginSweep {
  let timer: NodeJS.Timeout;
  let stopped = false;
  const sweep = async (): Promise<void> => {
    try {
      const inUse = [...logins()];
      for (let from = 0; from < inUse.length; from += loginsPerQuestion) {
        const ended = await ports.endedLogins(inUse.slice(from, from + loginsPerQuestion));
        if (ended.length > 0) end(new Set(ended));
      }
    } catch (error) {
      // The store is away: connections stay, the next sweep asks again.
      onFault(error);
    }
    if (!stopped) timer = setTimeout(() => void sweep(), everyMs);
  };
  timer = setTimeout(() => void sweep(), everyMs);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
