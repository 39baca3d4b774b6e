// Proofs of contract/shared/witness.ts: client libraries as users have them, untouched. Verdicts about bytes come from our own
// codecs; here it only counts that a library hears its message once. The libraries' doings are in the transcript as
// they tell them.

import * as tls from "node:tls";
import { Client, type IFrame } from "@stomp/stompjs";
import { EventSource, type FetchLike } from "eventsource";
import SockJS from "sockjs-client";
import { Agent, buildConnector, fetch, FormData, type Response } from "undici";
import { WebSocket } from "ws";
import { z } from "zod";
import { csrfCookie, csrfHeader } from "../../../systems/discodeit/wire.ts";
import type { witness as area } from "../../../contract/shared/witness.ts";
import type { BrowserPage } from "../../../drivers/browser.ts";
import { HarnessError, TargetError, TimeoutError } from "../../../drivers/errors.ts";
import { Inbox } from "../../../drivers/inbox.ts";
import { messageBytesMax } from "../../../drivers/limits.ts";
import { urlBelow } from "../../../drivers/network.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { doorsOf, findOrigin, pageOf } from "../../../runner/origin.ts";
import { claim, readJson, Unsupported, Violation, type Proofs } from "../../../runner/proof.ts";
import { rely } from "../../../runner/steps.ts";
import { relyOnAReload, relyOnReplay, relyOnTheHeader } from "./replay.ts";
import { relyOnSockjsPosts } from "./sockjs.ts";
import type { Channel } from "../../../runner/rooms.ts";
import type { EventKey, World } from "../../../runner/world.ts";
import { holds } from "../../../runner/text.ts";
import { discodeitOf } from "../steps/discodeit.ts";
import { nameOfProbes } from "../steps/event-name.ts";
import { relyOnOnce } from "../steps/hearing.ts";
import { untilTimeout } from "../steps/look.ts";
import {
  connectIn,
  eventsStory,
  mayRead,
  openPage,
  otherOrigin,
  ownOrigin,
  sendsAndHears,
  stompStory,
} from "../steps/pages.ts";

interface Heard {
  kind: "connected" | "error" | "message" | "receipt";
  text: string;
}

/** A @stomp/stompjs client that does not reconnect: what it hears, in order; the inbox ends with its socket. */
function openStompjs(world: World, account: Account, socket: () => unknown): { client: Client; inbox: Inbox<Heard> } {
  const inbox = new Inbox<Heard>();
  const hear = (kind: Heard["kind"]) => (frame: IFrame) =>
    inbox.push({ kind, text: `${frame.headers["message"] ?? ""} ${frame.body}`.trim() });
  const client = new Client({
    webSocketFactory: socket as () => never,
    connectHeaders: world.speaker.connectHeaders(account),
    reconnectDelay: 0,
    debug: (line) =>
      world.transcript.note("stompjs", line.startsWith(">>>") ? "sent" : "received", line.replaceAll("\0", "␀")),
    onConnect: hear("connected"),
    onStompError: hear("error"),
    onWebSocketClose: ({ code, reason }: { code: number; reason: string }) =>
      inbox.end(`closed with ${code} ${reason}`.trimEnd()),
    onWebSocketError: (error: unknown) =>
      world.transcript.note("stompjs", "closed", error instanceof Error ? error.message : "the socket broke"),
  });
  // Without force it would wait for the receipt of its DISCONNECT, which not every target sends.
  world.track({ [Symbol.asyncDispose]: () => client.deactivate({ force: true }) });
  client.activate();
  return { client, inbox };
}

/** What fails for our own client, too, is no matter of theirs. */
async function relyOnOwn<T>(work: () => Promise<T>, ownWork: () => Promise<unknown>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TimeoutError || error instanceof TargetError || error instanceof Violation) await ownWork();
    throw error;
  }
}

/** `headers`: of the handshake, where the system has some. */
type OpenSocket = (url: string, headers: Record<string, string>) => unknown;

/** Connects, subscribes, sends one message as a web page does, and hears it once. */
async function stompjsHearsOnce(world: World, socket: OpenSocket): Promise<void> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  await relyOnOwn(
    () => stompjsHears(world, alice, channel, socket),
    async () => {
      const connection = await world.stomp(alice, { handshake: "as defined" });
      const subscription = await world.subscribe(connection, channel);
      const marker = world.marker("own");
      world.sendMessage(connection, alice, channel, marker);
      await world.hear(subscription, marker);
      await relyOnOnce(world, alice, channel);
    },
  );
}

async function stompjsHears(world: World, alice: Account, channel: Channel, socket: OpenSocket): Promise<void> {
  const { client, inbox } = openStompjs(world, alice, () =>
    socket(world.stompUrl(), world.speaker.handshakeHeaders(alice)),
  );
  const told = await inbox.awaitItem(
    "CONNECTED for @stomp/stompjs",
    ({ kind }) => kind === "connected" || kind === "error",
    world.deadlineMs,
  );
  claim(told.kind === "connected", `@stomp/stompjs was refused: ${told.text}`);
  const receipt = "witness-subscribed";
  client.watchForReceipt(receipt, () => inbox.push({ kind: "receipt", text: "" }));
  client.subscribe(
    channel.destination,
    (message) => inbox.push({ kind: "message", text: message.body }),
    world.baseline.receipts ? { receipt } : {},
  );
  if (world.baseline.receipts)
    await inbox.awaitItem(
      "the receipt of @stomp/stompjs's SUBSCRIBE",
      ({ kind }) => kind === "receipt",
      world.deadlineMs,
    );
  else
    await probeUntil(
      world,
      (marker) => world.post(alice, channel, marker),
      (marker, waitMs) => inbox.awaitItem("a probe", ({ text }) => holds(text, marker), waitMs),
    );
  const [marker, fence] = [world.marker(), world.marker("fence")];
  for (const content of [marker, fence]) client.publish(world.speaker.sendOf(alice, channel.room, content));
  await inbox.awaitItem("its own message", ({ text }) => holds(text, marker), world.deadlineMs);
  await inbox.awaitItem("its own second message", ({ text }) => holds(text, fence), world.deadlineMs);
  await world.settle();
  const count = inbox.items.filter(({ text }) => holds(text, marker)).length;
  claim(count === 1, `@stomp/stompjs heard its message ${count} times`);
}

/** Says something new until it is heard: for a subscription or a stream that does not tell when it is live. */
async function probeUntil(
  world: World,
  say: (marker: string) => Promise<unknown>,
  hear: (marker: string, waitMs: number) => Promise<unknown>,
): Promise<void> {
  const untilMs = performance.now() + 2 * world.deadlineMs;
  for (let attempt = 0; ; attempt++) {
    const marker = world.marker("probe");
    await say(marker);
    try {
      await hear(marker, Math.min(world.deadlineMs, 250 * 2 ** attempt));
      return;
    } catch (error) {
      if (!(error instanceof TimeoutError) || performance.now() > untilMs) throw error;
    }
  }
}

/** sockjs-client takes no certificates of its own: the target's CA joins those that this process trusts. */
function trustTarget({ target }: World): void {
  if (target.ca === undefined) return;
  const { getCACertificates, setDefaultCACertificates, rootCertificates } = tls as Partial<typeof tls>;
  if (getCACertificates === undefined || setDefaultCACertificates === undefined)
    throw new HarnessError("Cannot give sockjs-client the certificates of --ca: that takes Node 22.19 or later");
  const trusted = getCACertificates("default");
  if (!trusted.includes(target.ca))
    setDefaultCACertificates([...(trusted.length > 0 ? trusted : rootCertificates!), target.ca]);
}

function sockjs(world: World, transports: string[]): (url: string) => unknown {
  trustTarget(world);
  return (url) => new SockJS(url, null, { transports });
}

interface HeardEvent {
  name: string;
  data: string;
}

interface StreamWitness {
  inbox: Inbox<HeardEvent>;
  /** Destroys the TCP connections below the library. */
  cut(): void;
  /** From now on the library's connections wait for `release`. */
  hold(): { release: () => void };
  /** The Last-Event-ID of each request, in order. */
  lastIds: (string | null)[];
}

/** An `eventsource` on the account's event stream, over sockets that we can cut. */
function openEventSource(world: World, account: Account, name: string): StreamWitness {
  const sockets = new Set<{ destroy(): unknown }>();
  const connect = buildConnector(world.target.ca === undefined ? {} : { ca: world.target.ca });
  const agent = new Agent({
    bodyTimeout: 0,
    headersTimeout: 0,
    connect: (options, callback) =>
      connect(options, (...result) => {
        if (result[1] !== null) sockets.add(result[1]);
        callback(...result);
      }),
  });
  let gate = Promise.resolve();
  const lastIds: (string | null)[] = [];
  const open: FetchLike = async (url, init) => {
    await gate;
    const headers = { ...init.headers, ...world.speaker.streamOf(account).headers };
    lastIds.push(new Headers(headers).get("last-event-id"));
    world.transcript.note("eventsource", "opened", `GET ${String(url)} Last-Event-ID: ${lastIds.at(-1) ?? "–"}`);
    return await fetch(url, { ...(init as object), headers, dispatcher: agent });
  };
  const inbox = new Inbox<HeardEvent>();
  const url = world.eventsUrl(undefined, world.speaker.streamOf(account).url);
  const source = new EventSource(url, { fetch: open });
  source.addEventListener(name, ({ data, lastEventId }) => {
    world.transcript.note("eventsource", "received", `event: ${name} · id: ${lastEventId} · data: ${String(data)}`);
    inbox.push({ name, data: String(data) });
  });
  source.addEventListener("error", ({ code, message }) => {
    world.transcript.note("eventsource", "closed", message ?? "the connection broke");
    // 2 = CLOSED: the library gave up.
    if (source.readyState === 2) inbox.end(`eventsource gave up: ${code ?? ""} ${message ?? ""}`.trimEnd());
  });
  world.track({
    [Symbol.asyncDispose]: async () => {
      source.close();
      await agent.destroy();
    },
  });
  return {
    inbox,
    lastIds,
    cut: () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return { release: resolve };
    },
  };
}

const hearOf = (world: World, stream: StreamWitness, { id }: EventKey, waitMs: number): Promise<HeardEvent> =>
  stream.inbox.awaitItem(`an event about ${id}`, (event) => world.tellsOf(event, world.probeKind, id), waitMs);

/** An eventsource that is known to be live. */
async function liveEventSource(world: World, alice: Account, bob: Account): Promise<StreamWitness> {
  const stream = openEventSource(world, alice, await nameOfProbes(world, alice, bob));
  let key: EventKey | undefined;
  await relyOnOwn(
    () =>
      probeUntil(
        world,
        async () => (key = await world.causeEvent(bob, alice)),
        (_, waitMs) => hearOf(world, stream, key!, waitMs),
      ),
    async () => {
      const own = await world.events(alice);
      await world.awaitEvent(own, world.probeKind, (await world.causeEvent(bob, alice)).id);
    },
  );
  return stream;
}

async function hearsOnce(world: World, stream: StreamWitness, keys: readonly EventKey[]): Promise<void> {
  for (const key of keys) await hearOf(world, stream, key, 2 * world.deadlineMs);
  await world.settle();
  const counts = keys.map(
    ({ id }) => stream.inbox.items.filter((event) => world.tellsOf(event, world.probeKind, id)).length,
  );
  claim(
    counts.every((count) => count === 1),
    `eventsource heard ${keys.length} events ${counts.join(", ")} times`,
  );
}

async function accepted(what: string, response: Response): Promise<string> {
  const text = await response.text();
  claim(response.ok, `fetch: ${what} was answered ${response.status} ${JSON.stringify(text.slice(0, 120))}`);
  return text;
}

const jsonPart = (value: unknown): Blob => new Blob([JSON.stringify(value)], { type: "application/json" });

/** A page's calls by fetch alone: the browser's cookies and the CSRF header are all that it adds. */
function openFetch(
  world: World,
): (method: string, path: string, body?: string | FormData, headers?: Record<string, string>) => Promise<Response> {
  const cookies = new Map<string, string>();
  return async (method, path, body, headers = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    world.transcript.note("fetch", "sent", `${method} ${path}`);
    const response = await fetch(urlBelow(world.instance(), path), {
      method,
      headers: {
        ...(cookie === "" ? {} : { Cookie: cookie }),
        ...(method === "GET" ? {} : { [csrfHeader]: cookies.get(csrfCookie) ?? "" }),
        ...headers,
      },
      dispatcher: world.network.dispatcher,
      ...(body === undefined ? {} : { body }),
    });
    world.transcript.note("fetch", "received", `${response.status}`);
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0]!.split(/=(.*)/s) as [string, string];
      world.transcript.secrets.add(value);
      cookies.set(name.trim(), value.trim());
    }
    return response;
  };
}

/** A browser that is busy falls back to XHR: where that is refused to everybody, it is another clause's to say. */
const story = (world: World, origin: string): Promise<void> =>
  relyOnOwn(
    () => stompStory(world, origin),
    () => relyOnSockjsPosts(world),
  );

export const witness: Proofs<typeof area> = {
  "witness.stompjs": async (world) => {
    const options = { maxPayload: messageBytesMax, ...(world.target.ca === undefined ? {} : { ca: world.target.ca }) };
    await stompjsHearsOnce(
      world,
      (_, headers) =>
        new WebSocket(world.webSocketUrl(), ["v12.stomp", "v11.stomp", "v10.stomp"], { ...options, headers }),
    );
  },

  "witness.sockjs-client": async (world) => {
    await stompjsHearsOnce(world, sockjs(world, ["websocket", "xhr-streaming", "xhr-polling"]));
  },

  "witness.sockjs-client-without-websocket": async (world) => {
    await relyOnSockjsPosts(world);
    await stompjsHearsOnce(world, sockjs(world, ["xhr-streaming", "xhr-polling"]));
  },

  "witness.eventsource": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const stream = await liveEventSource(world, alice, bob);
    await hearsOnce(world, stream, [await world.causeEvent(bob, alice), await world.causeEvent(bob, alice)]);
  },

  "witness.eventsource-resumes": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const stream = await liveEventSource(world, alice, bob);
    const before = await world.causeEvent(bob, alice);
    await hearOf(world, stream, before, world.deadlineMs);
    const { release } = stream.hold();
    stream.cut();
    const missed = [
      await world.causeEvent(bob, alice),
      await world.causeEvent(bob, alice),
      await world.causeEvent(bob, alice),
    ];
    release();
    const [first] = missed;
    // The library waits 3 s before it connects again, unless the server's `retry` says otherwise.
    const waitMs = 5_000 + 2 * world.deadlineMs;
    await hearOf(world, stream, first!, waitMs).catch(async (error: unknown) => {
      if (!(error instanceof TimeoutError) || (stream.lastIds.at(-1) ?? "") === "") throw error;
      await relyOnTheHeader(world);
      await relyOnAReload(world);
      throw error;
    });
    claim((stream.lastIds.at(-1) ?? "") !== "", "events carry no id: eventsource reconnected without Last-Event-ID");
    const all = [before, ...missed, await world.causeEvent(bob, alice)];
    await relyOnOwn(
      () => hearsOnce(world, stream, all),
      async () => {
        await relyOnReplay(world);
        await relyOnAReload(world);
      },
    );
  },

  "witness.fetch": async (world) => {
    const [alice] = await world.accounts(1);
    const account = world.adopt(world.newcomer());
    const { username, email, password } = account;
    const page = openFetch(world);
    await accepted("the CSRF token", await page("GET", "/api/auth/csrf-token"));
    const form = new FormData();
    form.append("userCreateRequest", jsonPart({ username, email, password }));
    const user = readJson(
      await accepted("sign-up", await page("POST", "/api/users", form)),
      discodeitOf(world).schemas.user,
      "the answer to sign-up",
    );
    account.id = user.id;
    const login =
      discodeitOf(world).revision === 1
        ? await page("POST", "/api/auth/login", JSON.stringify({ username, password }), {
            "Content-Type": "application/json",
          })
        : await page("POST", "/api/auth/login", new URLSearchParams({ username, password }).toString(), {
            "Content-Type": "application/x-www-form-urlencoded",
          });
    const token = tokenIn(await accepted("login", login));
    world.transcript.secrets.add(token);
    account.rest.accessToken = token;
    const channel = await world.privateChannel(alice, account);
    const content = world.marker();
    const post = new FormData();
    post.append("messageCreateRequest", jsonPart({ content, channelId: channel.id, authorId: user.id }));
    const answer = await accepted(
      "a message",
      await page("POST", "/api/messages", post, { Authorization: `Bearer ${token}` }),
    );
    const message = readJson(answer, discodeitOf(world).schemas.message, "the answer to a message");
    claim(
      message.content === content,
      `fetch: the posted message came back with content ${JSON.stringify(message.content)}`,
    );
  },

  "witness.pages-are-let-in": async (world) => {
    const { page, refused } = await findOrigin(doorsOf(world), world, pageOf(world));
    claim(page !== undefined, `every page is refused: ${refused.join("; ")}`, diagnoses.shutOut);
  },

  "witness.browser-stompjs": async (world) => await story(world, ownOrigin(world)),

  "witness.browser-eventsource": async (world) => {
    const origin = ownOrigin(world);
    if (!(await mayRead(world, origin))) throw new Unsupported("other-origin");
    await relyOnOwn(
      () => eventsStory(world, origin, { resumes: true }),
      async () => {
        await relyOnTheHeader(world); // a browser sends nothing else
        await relyOnReplay(world);
        await relyOnAReload(world);
      },
    );
  },

  "witness.browser-other-origin": async (world) => {
    const origin = await otherOrigin(world);
    await story(world, origin);
    if (await mayRead(world, origin)) await eventsStory(world, origin, { resumes: false });
  },

  "witness.browser-log-out": async (world) => {
    const account = await world.disposable();
    const origin = ownOrigin(world);
    // Cookies of a page elsewhere are another story.
    if (world.network.page !== "own") throw new Unsupported("browser");
    const page = await openPage(world, origin, account.label);
    const token = await relyOnOwn(
      () => logInInPage(world, page, account),
      () => world.logInAgain(account),
    );
    await connectIn(world, page, world.speaker.connectHeaders(account, token));
    const { status } = await page.fetch("/api/auth/logout", {
      method: "POST",
      headers: { [csrfHeader]: (await page.cookie(csrfCookie)) ?? "" },
    });
    rely("end a login", status >= 200 && status < 300, `answered ${status} in the page`);
    await world.logInAgain(account);
    const ended = page.inbox.awaitItem("its end in the page", ({ kind }) => kind === "closed", endWithinMs);
    claim(await ended.then(() => true, untilTimeout), "in the page the STOMP connection outlives the logout");
  },

  "witness.browser-heart-beats": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const page = await openPage(world, ownOrigin(world), alice.label);
    const promised = await connectIn(world, page, world.speaker.connectHeaders(alice));
    if (/^0,|,0$/.test(promised)) throw new Unsupported("heart-beats");
    const ended = page.inbox.awaitItem("a close in the page", ({ kind }) => kind === "closed", beatsForMs);
    const because = await ended.then(({ text }) => text, untilTimeout);
    claim(because === false, `in the page a silent connection with heart-beats was closed: ${because}`);
    await sendsAndHears(world, page, alice, channel);
  },
};

/** The contract's 5 s and a second for a busy machine. */
const endWithinMs = 6_000;
/** stompjs looks every 10 s whether nothing came for 20 s. */
const beatsForMs = 35_000;

/** Logs in as the page of revision 1 or 2 does, and gives the token. */
async function logInInPage(world: World, page: BrowserPage, { username, password }: Account): Promise<string> {
  await page.fetch("/api/auth/csrf-token");
  const isJson = discodeitOf(world).revision === 1;
  const { status, text } = await page.fetch("/api/auth/login", {
    method: "POST",
    headers: {
      [csrfHeader]: (await page.cookie(csrfCookie)) ?? "",
      "Content-Type": isJson ? "application/json" : "application/x-www-form-urlencoded",
    },
    body: isJson ? JSON.stringify({ username, password }) : new URLSearchParams({ username, password }).toString(),
  });
  claim(status === 200, `in the page the login was answered ${status} ${JSON.stringify(text.slice(0, 120))}`);
  const token = tokenIn(text);
  world.transcript.secrets.add(token);
  return token;
}

/** Bare, as a JSON string, or in a JwtDto. */
function tokenIn(text: string): string {
  if (!/^[{"]/.test(text.trim())) return text.trim();
  const value = readJson(
    text,
    z.union([z.string(), z.looseObject({ accessToken: z.string() })]),
    "the answer to login",
  );
  return typeof value === "string" ? value : value.accessToken;
}
