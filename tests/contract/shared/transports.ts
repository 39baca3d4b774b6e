// Proofs of contract/shared/transports.ts: requests and messages of SockJS, made by hand.

import { errors, request, type Dispatcher } from "undici";
import type { transports as area } from "../../../contract/shared/transports.ts";
import { encodeFrame } from "../../../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { toldWaitMs } from "../../../drivers/rate-limit.ts";
import { openSockjs, sockjsSessionUrl } from "../../../drivers/sockjs.ts";
import { StompConnection, type Subscription } from "../../../drivers/stomp.ts";
import type { TextTransport } from "../../../drivers/transport.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, Inconclusive, type Proofs } from "../../../runner/proof.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { rely, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { ownHearing } from "../steps/hearing.ts";
import { relyOnSockjsPosts } from "./sockjs.ts";

/** As sockjs-client says, other sensible ones, no media type, and none: sockjs-protocol's own test has these. */
const contentTypes = ["text/plain", "application/json", "text/xml; charset=utf-8", "T", undefined];
/** The first and the last of each range that is to be escaped; controls are no JSON otherwise. */
const odd = "\u200c\u200f\u2028\u202f\u2060\u206f\ufff0\ufffd";
const prelude = `${"h".repeat(2_048)}\n`;

interface Asking {
  method?: "GET" | "POST" | "PUT";
  body?: string;
  type?: string | undefined;
}

const deadlineOf = (world: World): number => Math.max(3_000, world.deadlineMs);

const openOnce = (
  world: World,
  url: string,
  { method = "POST", body, type }: Asking,
): Promise<Dispatcher.ResponseData> =>
  request(url, {
    method,
    dispatcher: world.network.dispatcher,
    headersTimeout: deadlineOf(world),
    bodyTimeout: deadlineOf(world),
    ...(body === undefined ? {} : { body }),
    ...(type === undefined ? {} : { headers: { "content-type": type } }),
  });

/** Throws TargetError "closed", and TimeoutError when nothing came in time. */
async function fairly<T>(world: World, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
      throw new TimeoutError(`Cannot ${what}: no answer within ${deadlineOf(world)} ms`);
    // What undici and sockets throw has a code; what has none is a mistake of ours.
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new TargetError("closed", `Cannot ${what}: ${error.message}`, { cause: error });
  }
}

const told = ({ statusCode: status, headers }: Dispatcher.ResponseData) => ({
  status,
  retryAfter: headers["retry-after"]?.toString() ?? null,
});

/** Asks, and where the target limits us, once again as it says. */
async function open(world: World, url: string, asking: Asking): Promise<Dispatcher.ResponseData> {
  const what = `${asking.method ?? "POST"} ${url}`;
  const answer = await fairly(world, what, () => openOnce(world, url, asking));
  if (toldWaitMs(answer.statusCode, told(answer).retryAfter) === undefined) return answer;
  await answer.body.dump().catch(() => undefined); // however it ends
  await world.network.rateLimit?.waits(what, told(answer), 0);
  const again = await fairly(world, what, () => openOnce(world, url, asking));
  if (toldWaitMs(again.statusCode, told(again).retryAfter) === undefined) return again;
  await again.body.dump().catch(() => undefined);
  throw new Inconclusive(`the target limits us: ${what} is answered ${again.statusCode}`);
}

async function ask(world: World, url: string, asking: Asking = {}) {
  const what = `${asking.method ?? "POST"} ${url}`;
  const { statusCode: status, headers, body } = await open(world, url, asking);
  const text = await fairly(world, what, () => body.text());
  world.transcript.note("sockjs", "received", `${what}: ${status} ${text.slice(0, 300)}`);
  return { status, headers, text };
}

const connectFrame = (world: World, account: Account): string =>
  encodeFrame("CONNECT", {
    "accept-version": "1.0,1.1,1.2",
    "heart-beat": "0,0",
    ...world.speaker.connectHeaders(account),
  });

/** The control: as sockjs-client does it, it works. */
async function relyOnPolling(world: World, account: Account): Promise<void> {
  await relyOnSockjsPosts(world);
  await world.stomp(account, { transport: "xhr-polling" });
}

/** A session opened by its first poll. */
async function openSession(world: World): Promise<string> {
  await relyOnSockjsPosts(world);
  const url = sockjsSessionUrl(world.stompUrl());
  const { status, text } = await ask(world, `${url}/xhr`);
  rely("connect over xhr-polling", status === 200 && text === "o\n", `the first poll was answered ${status}`);
  return url;
}

/** Polls until STOMP has answered CONNECT. */
async function claimConnected(world: World, url: string, what: string): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    const { status, text } = await ask(world, `${url}/xhr`);
    claim(status === 200, `a poll after ${what} was answered ${status}`);
    if (text.includes("CONNECTED")) return;
    if (performance.now() - startMs > deadlineOf(world))
      throw new TimeoutError(`${what} is answered by no CONNECTED within ${deadlineOf(world)} ms`);
  }
}

/** SockJS's websocket at this URL, open: the frame o came. What is sent goes out as it is. */
const openSocket = (world: World, account: Account, sessionUrl: string): Promise<TextTransport> =>
  step("connect over sockjs-websocket", () =>
    openSockjs(world.stompUrl(), "sockjs-websocket", {
      network: world.network,
      headers: world.handshakeHeaders(account),
      openTimeoutMs: Math.max(5_000, world.deadlineMs),
      sessionUrl,
      asIs: true,
    }),
  );

/** A subscription over polls, and each of their frames as it came. */
async function polled(
  world: World,
  account: Account,
  channel: Channel,
  onFrame: (frame: string) => void,
): Promise<Subscription> {
  await relyOnPolling(world, account);
  return await step("connect over xhr-polling", async () => {
    const transport = await openSockjs(world.stompUrl(), "xhr-polling", {
      network: world.network,
      headers: world.handshakeHeaders(account),
      openTimeoutMs: Math.max(5_000, world.deadlineMs),
      onFrame,
    });
    const connection = world.track(new StompConnection(transport, world.transcript, account.label));
    connection.subscribeHeadersOf = () => world.speaker.subscribeHeaders(account, channel.room);
    await connect(world, connection, account);
    return await world.subscribe(connection, channel);
  });
}

/** STOMP over it: what is sent is wrapped. */
function stompOver(world: World, transport: TextTransport, label: string): StompConnection {
  const wrapped = { ...transport, send: (text: string) => transport.send(JSON.stringify([text])) };
  return world.track(new StompConnection(wrapped, world.transcript, label));
}

const connect = (world: World, connection: StompConnection, account: Account): Promise<unknown> =>
  connection.connect({ headers: world.speaker.connectHeaders(account), deadlineMs: world.deadlineMs });

const unescaped = /[\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufff0-\uffff]/g;
const escapedAs = (unit: string): string => `U+${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
const is4xx = (status: number): boolean => status >= 400 && status < 500;

export const transports: Proofs<typeof area> = {
  "transports.any-content-type": async (world) => {
    const [alice] = await world.accounts(1);
    await relyOnPolling(world, alice);
    for (const type of contentTypes) {
      const url = await openSession(world);
      const body = JSON.stringify([connectFrame(world, alice)]);
      const { status } = await ask(world, `${url}/xhr_send`, { body, type });
      const what = type === undefined ? "no content type" : `the content type ${type}`;
      claim(status === 204, `xhr_send with ${what} was answered ${status}`);
      await claimConnected(world, url, `a CONNECT with ${what}`);
    }
  },

  "transports.empty-array-is-nothing": async (world) => {
    const [alice] = await world.accounts(1);
    await relyOnPolling(world, alice);
    const url = await openSession(world);
    const type = "text/plain";
    const empty = await ask(world, `${url}/xhr_send`, { body: "[]", type });
    claim(empty.status === 204, `xhr_send of an empty array was answered ${empty.status}`);
    await ask(world, `${url}/xhr_send`, { body: JSON.stringify([connectFrame(world, alice)]), type });
    await claimConnected(world, url, "a CONNECT behind an empty array");
  },

  "transports.streaming-prelude": async (world) => {
    await relyOnSockjsPosts(world);
    const [alice] = await world.accounts(1);
    await world.stomp(alice, { transport: "xhr-streaming" }); // the control: it streams
    const { statusCode, body } = await open(world, `${sockjsSessionUrl(world.stompUrl())}/xhr_streaming`, {});
    if (statusCode !== 200) await body.dump().catch(() => undefined);
    claim(statusCode === 200, `xhr_streaming was answered ${statusCode}`);
    const wanted = `${prelude}o\n`;
    let seen = "";
    await fairly(world, "read xhr_streaming", async () => {
      for await (const chunk of body) {
        seen += String(chunk);
        if (seen.length >= wanted.length || !wanted.startsWith(seen)) break;
      }
    });
    const [first = "", second = ""] = seen.split("\n");
    claim(
      seen.startsWith(wanted),
      `xhr_streaming began with a line of ${first.length} characters, and then ${JSON.stringify(second.slice(0, 40))}`,
    );
  },

  "transports.odd-characters-are-escaped": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    // The control: what is heard without SockJS is what the system makes of such a text.
    const plain = await world.subscribe(await world.stomp(bob), channel);
    const frames: string[] = [];
    const polling = await polled(world, alice, channel, (frame) => frames.push(frame));
    const marker = world.marker();
    await world.post(bob, channel, `${marker} ${odd}.`);
    const { text } = await world.hear(plain, marker);
    const heard = await ownHearing(world, bob, channel, () => world.hear(polling, marker));
    const quoted = (value: string): string => JSON.stringify(value).replaceAll(unescaped, escapedAs);
    claim(heard.text === text, `${quoted(text)} came over xhr-polling as ${quoted(heard.text)}`);
    const bare = frames.flatMap((frame) => frame.match(unescaped) ?? []);
    claim(
      bare.length === 0,
      `a frame of xhr-polling holds ${[...new Set(bare)].map(escapedAs).join(", ")} as they are`,
    );
  },

  "transports.nothing-over-websocket": async (world) => {
    const [alice] = await world.accounts(1);
    await world.stomp(alice, { transport: "sockjs-websocket" }); // the control: with nothing before it
    const transport = await openSocket(world, alice, sockjsSessionUrl(world.stompUrl()));
    const connection = stompOver(world, transport, alice.label);
    for (const nothing of ["", "[]"]) transport.send(nothing);
    await connect(world, connection, alice);
  },

  "transports.broken-json-ends-it": async (world) => {
    const [alice] = await world.accounts(1);
    const transport = await openSocket(world, alice, sockjsSessionUrl(world.stompUrl()));
    const connection = stompOver(world, transport, alice.label);
    await step("connect over sockjs-websocket", () => connect(world, connection, alice));
    transport.send('["rollcall');
    await connection.awaitClose(world.deadlineMs);
  },

  "transports.sockets-share-nothing": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    await world.stomp(alice, { transport: "sockjs-websocket" }); // the control: with a segment of its own
    const url = sockjsSessionUrl(world.stompUrl());
    const people: { connection: StompConnection; subscription: Subscription }[] = [];
    for (const account of [alice, bob]) {
      const connection = stompOver(world, await openSocket(world, account, url), account.label);
      connection.subscribeHeadersOf = () => world.speaker.subscribeHeaders(account, channel.room);
      await connect(world, connection, account);
      people.push({ connection, subscription: await world.subscribe(connection, channel) });
    }
    const [first, second] = people;
    const [marker, after] = [world.marker(), world.marker("after")];
    await world.post(bob, channel, marker);
    await ownHearing(world, bob, channel, async () => {
      for (const { subscription } of people) await world.hear(subscription, marker);
    });
    await world.settle();
    const counts = people.map(({ subscription }) => world.heardCount(subscription, marker));
    claim(
      counts.join() === "1,1",
      `a message came ${counts.join(" and ")} times to two sockets of one session segment`,
    );
    first!.connection.transport.terminate();
    await first!.connection.closed;
    await world.post(bob, channel, after);
    await ownHearing(world, bob, channel, () => world.hear(second!.subscription, after));
  },

  "transports.websocket-wants-an-upgrade": async (world) => {
    await relyOnSockjsPosts(world);
    const url = `${sockjsSessionUrl(world.stompUrl())}/websocket`;
    for (const method of ["GET", "POST"] as const) {
      const { status } = await ask(world, url, { method });
      claim(is4xx(status), `a ${method} of SockJS's websocket without an upgrade was answered ${status}`);
    }
  },

  "transports.other-methods-are-405": async (world) => {
    const url = await openSession(world);
    const wrong = [
      ["GET", "xhr"],
      ["PUT", "xhr_send"],
    ] as const;
    for (const [method, transport] of wrong) {
      const { status, headers } = await ask(world, `${url}/${transport}`, { method });
      rely("post over SockJS", status !== 403, `a ${method} of ${transport} was answered 403`);
      claim(status === 405, `a ${method} of ${transport} was answered ${status}`);
      const allow = String(headers["allow"] ?? "");
      claim(/\bPOST\b/i.test(allow), `the answer 405 to a ${method} of ${transport} has Allow: ${allow || "nothing"}`);
    }
  },
};
