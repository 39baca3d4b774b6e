// Proofs of contract/gateway-chat/guard.ts.

import type { guard as area } from "../../../contract/gateway-chat/guard.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { urlBelow, webSocketUrl } from "../../../drivers/network.ts";
import { StompConnection } from "../../../drivers/stomp.ts";
import { openWebSocket, openWebSocketTransport } from "../../../drivers/websocket.ts";
import { claim, jsonIn, Violation, type Proofs } from "../../../runner/proof.ts";
import type { Where } from "../../../runner/rooms.ts";
import { rely } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { World } from "../../../runner/world.ts";
import { sendDestination, stompEndpoint } from "../../../systems/gateway-chat/wire.ts";
import { handled } from "../steps/hearing.ts";

/** The gateway, where there is one. */
const front = ({ target }: World): Where => (target.proxy === undefined ? 0 : "proxy");

const malformed = ["garbage", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "x".repeat(2_000)];

/** Other than the endpoint and what SockJS has below it. */
const aside = [`${stompEndpoint}X`, `${stompEndpoint}/rollcall`, `${stompEndpoint}/../rollcall`, `${stompEndpoint}-ws`];

/** Whether an upgrade there ends in a session, without a token. */
async function isLetIn(world: World, path: string): Promise<boolean> {
  try {
    const { network, transcript, deadlineMs } = world;
    const transport = await openWebSocketTransport(webSocketUrl(urlBelow(world.instance(front(world)), path)), {
      network,
    });
    const connection = world.track(new StompConnection(transport, transcript, "somebody"));
    await connection.connect({ deadlineMs });
    return true;
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) return false;
    throw error;
  }
}

export const guard: Proofs<typeof area> = {
  "guard.sender-is-the-token": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const [forger, listener] = [await world.stomp(bob), await world.stomp(alice)];
    const hears = await world.subscribe(listener, channel);
    const forged = world.marker("forged");
    const body = { roomId: channel.room.id, sender: alice.username, content: forged };
    forger.sendFrame("SEND", { destination: sendDestination }, JSON.stringify(body));
    await handled(world, forger, bob, channel);
    // On a connection of its own: the other one may have been ended for it.
    const marker = world.marker();
    world.sendMessage(await world.stomp(bob), bob, channel, marker);
    const { message } = await world.hear(hears, marker);
    const ofBob = JSON.stringify(message);
    rely("hear a sent message", ofBob.includes(bob.username), `a message of ${bob.username} says ${ofBob}`);
    await world.settle();
    const frame = hears.messages().find(({ body: said }) => holds(said, forged));
    const said = JSON.stringify(jsonIn(frame?.body) ?? null);
    claim(!said.includes(alice.username), `a message of ${bob.username} was heard as ${alice.username}'s`);
  },

  "guard.malformed-token-is-no-fault": async (world) => {
    for (const token of malformed) {
      const headers = { authorization: `Bearer ${token}` };
      const what = `Authorization: Bearer ${token.slice(0, 20)}`;
      const rest = world.stranger().at({ baseUrl: world.instance(front(world)) });
      const { status } = await rest.request("GET", `${stompEndpoint}/info`, { headers, bearer: false });
      claim(status < 500, `GET ${stompEndpoint}/info with ${what} is answered ${status}`);
      try {
        (await openWebSocket(world.webSocketUrl(front(world)), { network: world.network, headers })).terminate();
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        if ((error.status ?? 500) >= 500) throw new Violation(`an upgrade with ${what}: ${error.message}`);
      }
    }
  },

  "guard.no-way-round-by-path": async (world) => {
    const [alice] = await world.accounts(1);
    // The control: with the token, at the endpoint, it connects.
    await world.stomp(alice);
    for (const path of aside) {
      const rest = world.stranger().at({ baseUrl: world.instance(front(world)) });
      const { status } = await rest.request("GET", path, { bearer: false });
      claim(status < 200 || status >= 300, `GET ${path} without a token is answered ${status}`);
      claim(!(await isLetIn(world, path)), `without a token somebody is connected at ${path}`);
    }
  },
};
