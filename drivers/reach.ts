// Is somebody there at all? A TCP connection and nothing more, for servers to which no request is harmless.

import { once } from "node:events";
import { connect } from "node:net";
import { within } from "./deadline.ts";
import { TargetError, TimeoutError } from "./errors.ts";

const connectWithinMs = 5_000;

/** @throws TargetError "closed" when nobody listens, TimeoutError when nobody answers. */
export async function reach(url: string): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === "https:" ? 443 : 80;
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? usual : Number(port) });
  try {
    await within(connectWithinMs, once(socket, "connect"), () => {
      throw new TimeoutError(`Cannot reach ${url}: no connection within ${connectWithinMs} ms`);
    });
  } catch (error) {
    if (error instanceof TimeoutError) throw error;
    throw new TargetError("closed", `Cannot reach ${url}: ${(error as Error).message}`, { cause: error });
  } finally {
    socket.destroy();
  }
}
