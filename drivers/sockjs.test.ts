import { expect, test } from "vitest";
import { Network } from "./network.ts";
import { openSockjs } from "./sockjs.ts";
import { openHttpServer } from "./tiny-server.ts";

test("openSockjs() over xhr-polling takes a second open frame for the loss of the session", async () => {
  let polls = 0;
  await using server = await openHttpServer((_, response) => {
    polls++;
    response.end("o\n");
  });
  const network = new Network();
  try {
    const transport = await openSockjs(`${server.url}/ws`, "xhr-polling", { network });
    expect(await transport.closed).toEqual({ code: 1006, reason: "the server lost the session" });
    expect(polls).toBe(2);
  } finally {
    await network.close();
  }
});
