// Is somebody there at all? A TCP connection and nothing more, for servers to which no request is harmless.

import { once } from "node:events";
import { connect } from "node:net";
import { within } from "./deadline.ts";
import { HarnessError, TargetError, TimeoutError } from "./errors.ts";

const connectWithinMs = 5_000;

/**
 * @throws TargetError "unreachable" when nobody listens, TimeoutError when nobody answers, HarnessError when the run was
 * interrupted.
 */
export async function reach(url: string, interrupt?: AbortSignal): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === "https:" ? 443 : 80;
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? usual : Number(port) });
  try {
    const connected = once(socket, "connect", interrupt === undefined ? {} : { signal: interrupt });
    await within(connectWithinMs, connected, () => {
      throw new TimeoutError(`Cannot reach ${url}: no connection within ${connectWithinMs} ms`);
    });
  } catch (error) {
    if (error instanceof TimeoutError) throw error;
    if (interrupt?.aborted === true) throw new HarnessError(`Cannot reach ${url}: interrupted`, { cause: error });
    throw new TargetError("unreachable", `Cannot reach ${url}: ${(error as Error).message}`, { cause: error });
  } finally {
    socket.destroy();
  }
}
