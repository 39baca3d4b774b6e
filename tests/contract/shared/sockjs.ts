// Proofs of contract/shared/sockjs.ts. Raw requests where bytes are the subject, the SockJS driver where STOMP is.

import { setTimeout as wait } from "node:timers/promises";
import { errors, request, type Dispatcher } from "undici";
import { z } from "zod";
import type { sockjs as area } from "../../../contract/shared/sockjs.ts";
import { encodeFrame } from "../../../drivers/codecs/stomp.ts";
import { readSockjsFrame } from "../../../drivers/codecs/sockjs.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { webSocketUrl } from "../../../drivers/network.ts";
import { sockjsSessionUrl } from "../../../drivers/sockjs.ts";
import { StompConnection } from "../../../drivers/stomp.ts";
import type { TextTransport } from "../../../drivers/transport.ts";
import { openWebSocket, openWebSocketTransport } from "../../../drivers/websocket.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, Inconclusive, readJson, type Proofs } from "../../../runner/proof.ts";
import { allOwn, rely } from "../../../runner/steps.ts";
import { heartBeatsFlow } from "../steps/heart-beats.ts";
import { relyOnOnce } from "../steps/hearing.ts";
import type { World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";

/** A poll without news is answered by a heart-beat after 25 s. */
const answerWithinMs = 30_000;

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

async function ask(
  world: World,
  url: string,
  options: { method?: "GET" | "POST" | "PUT"; body?: string } = {},
): Promise<Answer> {
  const { response, text } = await send(world, url, options)
    .then(async (sent) => ({ response: sent, text: await sent.body.text() }))
    .catch((error: Error) => {
      if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
        throw new TimeoutError(`Cannot ${options.method ?? "GET"} ${url}: no answer within ${answerWithinMs} ms`);
      throw new TargetError("closed", `Cannot ${options.method ?? "GET"} ${url}: ${error.message}`, { cause: error });
    });
  world.transcript.note(
    "sockjs",
    "received",
    `${options.method ?? "GET"} ${url}: ${response.statusCode} ${text.slice(0, 300)}`,
  );
  return { status: response.statusCode, headers: response.headers, text };
}

const send = (
  world: World,
  url: string,
  { method = "GET", body }: { method?: "GET" | "POST" | "PUT"; body?: string },
): Promise<Dispatcher.ResponseData> =>
  request(url, {
    method,
    dispatcher: world.network.dispatcher,
    headersTimeout: answerWithinMs,
    bodyTimeout: answerWithinMs,
    ...(body === undefined ? {} : { body, headers: { "content-type": "text/plain;charset=UTF-8" } }),
  });

/** A session opened by its first poll. */
async function openPolling(world: World): Promise<string> {
  const url = sockjsSessionUrl(world.stompUrl());
  const { status, text } = await ask(world, `${url}/xhr`, { method: "POST" });
  relyOnPost(status);
  claim(
    status === 200 && text === "o\n",
    `the first poll was answered ${status} ${JSON.stringify(text.slice(0, 80))}, not "o\\n"`,
  );
  return url;
}

/** What is refused below /ws altogether, or to who sends no CSRF header, is for two clauses to say. */
function relyOnPost(status: number): void {
  rely("get SockJS's info", status !== 401, "a POST to an XHR transport was answered 401");
  rely("post over SockJS", status !== 403, "a POST to an XHR transport was answered 403");
}

/** Where CSRF guards the XHR transports, no client without WebSocket gets through: that is one clause's to say. */
export async function relyOnSockjsPosts(world: World): Promise<void> {
  const { status } = await ask(world, `${sockjsSessionUrl(world.stompUrl())}/xhr`, { method: "POST" });
  relyOnPost(status);
}

/** STOMP over one transport: connect, subscribe, send, hear once. */
async function speaks(world: World, transport: TextTransport["kind"]): Promise<void> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  let connection: StompConnection;
  try {
    connection = await world.stomp(alice, { transport });
  } catch (error) {
    if (transport === "sockjs-websocket") await world.stomp(alice); // no WebSocket at all is another's to say
    else if (error instanceof TargetError) relyOnPost(Number(/answered (\d{3})\b/.exec(error.message)?.[1]));
    throw error;
  }
  const subscription = await world.subscribe(connection, channel);
  const markers = [world.marker("안녕 🙂 \u200e"), world.marker('quote " \\ and \r\n line'), world.marker("fence")];
  world.sendMessage(connection, alice, channel, markers[0]!);
  const live = await subscription.awaitMessage(
    "its own message",
    ({ body }) => holds(body, markers[0]!),
    world.deadlineMs,
  );
  claim(world.messageOf(live).text === markers[0], "text changed on its way through SockJS");
  for (const marker of markers.slice(1)) await world.post(bob, channel, marker);
  await world.hear(subscription, markers[2]!);
  await world.settle();
  const contents = world.textsOf(subscription);
  for (const marker of markers) {
    const count = contents.filter((content) => content === marker).length;
    if (count > 1) await relyOnOnce(world, bob, channel);
    claim(count === 1, `a message came ${count} times over ${transport}`, count > 1 ? diagnoses.duplicate : undefined);
  }
}

const isGuarded = (status: number): boolean => status === 401 || status === 403;

/** Where nobody is let in below /ws without a token, every clause about what is there would say it. */
async function relyOnInfo(world: World): Promise<void> {
  const { status } = await ask(world, `${world.stompUrl()}/info`);
  rely("get SockJS's info", !isGuarded(status), `answered ${status}`);
}

const infoSchema = z.looseObject({
  websocket: z.boolean(),
  cookie_needed: z.boolean(),
  origins: z.array(z.unknown()),
  entropy: z.number().int(),
});

/** From then on a session without a poll may be over (SJS-17). */
const sessionEndsMs = 4_500;

/**
 * Claims that polls bring what was published between them. False: the next poll came so late that the session may have
 * ended.
 */
async function isQueued(world: World): Promise<boolean> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const url = await openPolling(world);
  const frames = [
    encodeFrame("CONNECT", { "accept-version": "1.2", ...world.speaker.connectHeaders(alice) }),
    encodeFrame("SUBSCRIBE", { id: "poll", destination: channel.destination, receipt: "live" }),
  ];
  const sent = await ask(world, `${url}/xhr_send`, { method: "POST", body: JSON.stringify(frames) });
  claim(sent.status === 204, `xhr_send was answered ${sent.status}`);
  let seen = "";
  const startMs = performance.now();
  let polledMs = startMs;
  const poll = async (): Promise<void> => {
    claim(
      performance.now() - startMs < answerWithinMs,
      `polls bring nothing more; so far came ${JSON.stringify(seen.slice(0, 200))}`,
    );
    const { status, text } = await ask(world, `${url}/xhr`, { method: "POST" });
    polledMs = performance.now();
    claim(status === 200, `a poll was answered ${status}`);
    const frame = readSockjsFrame(text.trimEnd());
    if (frame.kind === "messages") seen += frame.texts.join("");
  };
  while (!seen.includes("CONNECTED")) await poll();
  while (world.baseline.receipts && !seen.includes("receipt-id:live")) await poll();
  // No poll is open: nothing else can tell that the subscription is live
  if (!world.baseline.receipts) await wait(1_000);
  const witness = await world.stomp(bob);
  const heard = await world.subscribe(witness, channel);
  const markers = [world.marker(), world.marker(), world.marker()];
  for (const marker of markers) {
    await world.post(bob, channel, marker);
    await world.hear(heard, marker);
  }
  await world.settle();
  if (performance.now() - polledMs > sessionEndsMs) return false;
  while (!seen.includes(markers[2]!)) await poll();
  const positions = markers.map((marker) => seen.indexOf(marker));
  claim(
    positions.every((position, at) => position >= 0 && (at === 0 || position > positions[at - 1]!)),
    "messages published between two polls were lost or came out of order",
  );
  claim(
    markers.every((marker) => seen.split(marker).length === 2),
    "messages published between two polls came twice",
    diagnoses.duplicate,
  );
  return true;
}

export const sockjs: Proofs<typeof area> = {
  "sockjs.greeting": async (world) => {
    await relyOnInfo(world);
    for (const url of [world.stompUrl(), `${world.stompUrl()}/`]) {
      const { status, headers, text } = await ask(world, url);
      claim(
        status === 200 && text === "Welcome to SockJS!\n",
        `GET ${url} was answered ${status} ${JSON.stringify(text.slice(0, 60))}`,
      );
      claim(
        String(headers["content-type"]).startsWith("text/plain"),
        `content-type is ${String(headers["content-type"])}`,
      );
      claim(headers["set-cookie"] === undefined, "the greeting sets a cookie");
    }
  },

  "sockjs.info": async (world) => {
    const { status, headers, text } = await ask(world, `${world.stompUrl()}/info`);
    claim(status === 200, `answered ${status}`, isGuarded(status) ? diagnoses.guardedHandshake : undefined);
    claim(
      String(headers["content-type"]).startsWith("application/json"),
      `content-type is ${String(headers["content-type"])}`,
    );
    readJson(text, infoSchema, "info");
  },

  "sockjs.info-entropy": async (world) => {
    await relyOnInfo(world);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(world, `${world.stompUrl()}/info`)));
    const entropy = answers.map(({ text }) => readJson(text, infoSchema, "info").entropy);
    claim(new Set(entropy).size === 10, "entropy repeats");
    claim(
      entropy.every((value) => value >= -0x8000_0000 && value <= 0xffff_ffff),
      `entropy is out of range: ${entropy.join(", ")}`,
    );
  },

  "sockjs.info-not-cached": async (world) => {
    await relyOnInfo(world);
    const answers = [
      await ask(world, `${world.stompUrl()}/info`),
      await ask(world, `${sockjsSessionUrl(world.stompUrl())}/xhr`, { method: "POST" }),
    ];
    for (const { headers } of answers) {
      const control = String(headers["cache-control"] ?? "");
      claim(/no-store|no-cache/.test(control), `Cache-Control is ${JSON.stringify(control)}`);
    }
  },

  "sockjs.raw-websocket": (world) => speaks(world, "websocket"),

  "sockjs.native-websocket": async (world) => {
    const [alice] = await world.accounts(1);
    const transport = await openWebSocketTransport(webSocketUrl(world.stompUrl()), {
      network: world.network,
      headers: world.handshakeHeaders(alice),
    });
    const connection = world.track(new StompConnection(transport, world.transcript, alice.label));
    await connection.connect({
      headers: world.speaker.connectHeaders(alice),
      deadlineMs: world.deadlineMs,
    });
  },

  "sockjs.subprotocol": async (world) => {
    await relyOnInfo(world);
    for (const [offered, allowed] of [
      [
        ["v12.stomp", "v11.stomp"],
        ["v12.stomp", "v11.stomp"],
      ],
      [["v10.stomp"], ["v10.stomp"]],
      [[], [""]],
    ] as const) {
      const socket = await openWebSocket(world.webSocketUrl(), {
        network: world.network,
        protocols: offered,
      });
      const selected = socket.protocol;
      socket.terminate();
      claim(
        (allowed as readonly string[]).includes(selected),
        `offered ${offered.join(", ") || "nothing"}, selected ${JSON.stringify(selected)}`,
      );
    }
  },

  "sockjs.over-websocket": (world) => speaks(world, "sockjs-websocket"),
  "sockjs.over-xhr-streaming": (world) => speaks(world, "xhr-streaming"),
  "sockjs.over-xhr-polling": (world) => speaks(world, "xhr-polling"),

  "sockjs.streaming-limit": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const [connection, sender] = await Promise.all([
      world.stomp(alice, { transport: "xhr-streaming" }),
      world.stomp(bob),
    ]);
    const subscription = await world.subscribe(connection, channel);
    // 128 KiB a response is the rule: 120 messages of 2 KiB and more cross the limit at least once.
    const markers = Array.from({ length: 120 }, (_, index) => world.marker(`n${index}`));
    for (const marker of markers) world.sendMessage(sender, bob, channel, marker + "x".repeat(1_900));
    await Promise.all(
      markers.map((marker) =>
        subscription.awaitMessage(`message ${marker}`, ({ body }) => holds(body, marker), 4 * world.deadlineMs),
      ),
    );
    await world.settle();
    const wrong = markers.filter((marker) => world.heardCount(subscription, marker) !== 1);
    claim(
      wrong.length === 0,
      `${wrong.length} messages came more than once over the seam of two responses`,
      diagnoses.duplicate,
    );
  },

  "sockjs.polls-queue": async (world) => {
    for (let attempt = 0; attempt < 3; attempt++) if (await isQueued(world)) return;
    throw new Inconclusive("between two polls there were never less than the 5 s after which a session may end");
  },

  "sockjs.one-receiver": async (world) => {
    const url = await openPolling(world);
    const first = send(world, `${url}/xhr`, { method: "POST" });
    // Of two that come at once, each may find that there is no other yet.
    await world.settle();
    const second = send(world, `${url}/xhr`, { method: "POST" });
    // Whichever came second is told; the other goes on waiting.
    const told = await Promise.race([first, second]);
    const text = await told.body.text();
    claim(
      text.startsWith("c[2010,"),
      `a second receiving request was answered ${told.statusCode} ${JSON.stringify(text.slice(0, 80))}`,
    );
    const marker = await ask(world, `${url}/xhr_send`, {
      method: "POST",
      body: JSON.stringify([encodeFrame("CONNECT", { "accept-version": "1.2" })]),
    });
    claim(marker.status === 204, `xhr_send was answered ${marker.status}`);
    const others = await Promise.all([first, second]);
    const rest = await Promise.all(
      others.filter((response) => response !== told).map((response) => response.body.text()),
    );
    claim(
      /^a\[|^c\[/.test(rest[0] ?? ""),
      `the first receiving request did not go on: ${JSON.stringify(rest[0]?.slice(0, 80))}`,
    );
  },

  "sockjs.unknown-session-is-404": async (world) => {
    const known = await ask(world, `${await openPolling(world)}/xhr_send`, { method: "POST", body: "[]" });
    claim(known.status === 204, `xhr_send to a session that is there was answered ${known.status}`);
    const { status } = await ask(world, `${sockjsSessionUrl(world.stompUrl())}/xhr_send`, {
      method: "POST",
      body: '["x"]',
    });
    claim(status === 404, `xhr_send to an unknown session was answered ${status}`);
  },

  "sockjs.bad-body": async (world) => {
    const url = await openPolling(world);
    for (const body of ['["x', ""]) {
      const { status, text } = await ask(world, `${url}/xhr_send`, { method: "POST", body });
      claim(
        status === 500,
        `xhr_send of ${JSON.stringify(body)} was answered ${status} ${JSON.stringify(text.slice(0, 80))}`,
      );
    }
    const { status } = await ask(world, `${url}/xhr_send`, { method: "POST", body: "[]" });
    claim(status === 204, `after a bad body the session answers ${status}`);
  },

  "sockjs.unknown-paths-are-404": async (world) => {
    await relyOnInfo(world);
    const known = await ask(world, `${world.stompUrl()}/info`);
    claim(known.status === 200, `GET /ws/info, which is there, was answered ${known.status}`);
    for (const path of ["/rollcall", "/a/a", "/a./a/xhr", "/a/a./xhr", "//xhr"]) {
      const { status } = await ask(world, world.stompUrl() + path);
      // A doubled slash is refused by many a firewall before SockJS sees it; behind a login its error page may be, too.
      const isRefused = status === 404 || (path.startsWith("//") && [400, 401, 403].includes(status));
      claim(isRefused, `GET /ws${path} was answered ${status}`);
    }
  },

  "sockjs.refusal-closes": async (world) => {
    const [alice] = await world.accounts(1);
    await world.stomp(alice, { transport: "xhr-streaming" }); // the control: with a token it connects
    const connection = await world.openStomp("anonymous", { transport: "xhr-streaming" });
    connection.sendFrame("CONNECT", { "accept-version": "1.2" });
    await connection.inbox.awaitItem("ERROR", ({ command }) => command === "ERROR", world.deadlineMs);
    const { code } = await connection.awaitClose(world.deadlineMs);
    claim(code >= 1_000 && code !== 1_006, `the session ended with ${code}, not with a close frame`);
  },

  "sockjs.heart-beats-are-borne": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const connection = await world.stomp(alice, {
      transport: "sockjs-websocket",
      headers: { "heart-beat": "10000,10000" },
    });
    const subscription = await world.subscribe(connection, channel);
    const [before, after] = [world.marker("before"), world.marker("after")];
    // The control: without one between them, the same is heard.
    world.sendMessage(connection, alice, channel, before);
    await world.hear(subscription, before);
    for (let count = 0; count < 3; count++) connection.transport.send("\n");
    world.sendMessage(connection, alice, channel, after);
    await allOwn(() => world.hear(subscription, after));
  },

  "sockjs.heart-beats-flow": (world) =>
    // That this client's own are borne is for another clause to say.
    heartBeatsFlow(world, { transport: "sockjs-websocket", isSending: false }),

  "sockjs.idle-session-ends": async (world) => {
    const url = await openPolling(world);
    const openedMs = performance.now();
    await wait(2_500); // time is the subject: well before 5 s the session lives
    claim(
      (await ask(world, `${url}/xhr_send`, { method: "POST", body: "[]" })).status === 204,
      "a session without a receiver was gone after 2.5 s",
    );
    for (;;) {
      await wait(500);
      const { status } = await ask(world, `${url}/xhr_send`, { method: "POST", body: "[]" });
      if (status === 404) return;
      claim(performance.now() - openedMs < 16_000, "a session without a receiving connection lives longer than 16 s");
    }
  },
};
