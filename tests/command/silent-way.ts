// A way to a server that goes silent: connections are taken and kept, and nothing moves on them any more.

import { connect, type Socket } from "node:net";
import { openTcpServer } from "../../drivers/tiny-server.ts";

/** Nothing moves from `stop` on, and all that comes then waits for ever. */
export async function openSilentWay(target: string): Promise<AsyncDisposable & { url: string; stop: () => void }> {
  const ends = new Set<Socket>();
  let isStopped = false;
  const way = await openTcpServer((near) => {
    const far = connect(Number(new URL(target).port), "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from);
      from.on("error", () => {}).on("close", () => to.destroy());
      if (isStopped) from.pause();
      else from.pipe(to);
    }
  });
  const stop = (): void => {
    isStopped = true;
    for (const end of ends) end.unpipe().pause();
  };
  const close = async (): Promise<void> => {
    for (const end of ends) end.destroy();
    await way[Symbol.asyncDispose]();
  };
  return { url: way.url, stop, [Symbol.asyncDispose]: close };
}
