// RabbitMQ with users that the config lists: nothing that must hold is broken, and what a proxy in front of it breaks
// is found.

import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { freeRow } from "../../targets/compose/room.ts";
import { startOwn } from "../own/start.ts";
import { expectAlone, troubleIn, verify } from "./own-backend.ts";

const hasRabbit = existsSync("/usr/lib/rabbitmq/bin/rabbitmq-server");

describe(`RabbitMQ with listed users${hasRabbit ? "" : " (skipped: apt-get install rabbitmq-server)"}`, () => {
  test.skipIf(!hasRabbit)("nothing that must hold is broken", { timeout: 240_000 }, async () => {
    const port = String(await freeRow(11));
    await using backend = await startOwn("rabbitmq", ["sh", "start.sh"], { PORT: port });
    const { verdicts, code } = await verify(backend);
    // What its makers know: it does not escape its message-ids, and hangs up without an ERROR.
    expect(troubleIn(verdicts).filter((line) => !line.startsWith("weak "))).toEqual([]);
    expect(verdicts.filter(({ kind }) => kind === "pass").length).toBeGreaterThan(25);
    expect(code).toBe(0);
  });

  test.skipIf(!hasRabbit)(
    "what a proxy in front of it breaks is found by its clause",
    { timeout: 240_000 },
    async () => {
      const port = String(await freeRow(11));
      await using broker = await startOwn("rabbitmq", ["sh", "start.sh"], { PORT: port });
      for (const [mutant, id, words] of [
        ["doubles", "subscribe.exactly-once", /2 times to one subscription/],
        ["keeps", "subscribe.unsubscribe-one", /unsubscribed subscription goes on hearing/],
      ] as const) {
        const env = { OWN_MUTANT: mutant, BROKER: broker.url };
        await using proxy = await startOwn("rabbitmq", [process.execPath, "proxy.ts"], env);
        await expectAlone(proxy, "subscribe,send", id, words);
      }
    },
  );
});
