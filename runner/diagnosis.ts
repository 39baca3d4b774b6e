// Common mistakes, named when met, each with how to mend it; and the questions asked of a silent target to find out
// which it is: those of one system alone stand in its definition. A diagnosis never changes a verdict.

import { TargetError, TimeoutError } from "../drivers/errors.ts";
import type { StompFrame } from "../drivers/codecs/stomp.ts";
import type { StompConnection, Subscription } from "../drivers/stomp.ts";
import type { Account } from "./account-pool.ts";
import { Violation } from "./proof.ts";
import type { Channel } from "./rooms.ts";
import { ownerOf, type Step } from "./steps.ts";
import type { World } from "./world.ts";
import { holds } from "./text.ts";

export const diagnoses = {
  eventName:
    "wrong event name: the event came, but under another name; the contract's names are case-sensitive and EventSource listeners never hear it",
  textPayload: "text-only payload: the body must be the whole message as JSON (send the DTO, not its content)",
  duplicate:
    "duplicate delivery: it is published twice, for instance by the controller and by a listener of the same event, or by two consumers",
  oneInstance:
    "what is said on one instance does not reach all: each instance needs a consumer group of its own; one shared group gives each record to one instance only, and without a broker in between each tells its own clients alone; in Spring: so do the simple broker and SseEmitter",
  idIgnored:
    "the Last-Event-ID header is ignored: this server reads the last id elsewhere or nowhere; browsers' reconnects send the header",
  notKept:
    "nothing is replayed, whichever way the last id is sent: keep each event with its id and receivers (a table, a Redis stream), read Last-Event-ID, and send what comes after it to the new stream before anything live; in Spring: @RequestHeader with required = false, and the new SseEmitter",
  keptByOne:
    "an instance replays only what was said on it: the events that it keeps are in its own memory; keep them where all instances read (a table, a Redis stream)",
  replayedToOthers:
    "what was missed is sent to the user's other streams and not to the one that resumes: register the new stream first, and replay to it alone, not to all of the user's; in Spring: to the new SseEmitter",
  idsDiffer:
    "each instance gives one event an id of its own: make the id once, where the event is made, and carry it in the record (Kafka, Redis), so that a client can resume on any instance",
  staleList:
    "the list is read from a cache that the event does not renew: who looked before does not see what was told, who never looked does; evict the same key where a row is made, changed or deleted, after the commit, from a cache that all instances share; in Spring: @Cacheable needs such a @CacheEvict",
  deadEmitters:
    "a stream that is gone makes an unrelated request a 500: writing to it throws; catch that, forget the stream, and go on with the next; in Spring: SseEmitter.send throws IOException or IllegalStateException, and onCompletion, onTimeout and onError remove the emitter",
  replayOfOthers:
    "replay does not ask who an event was for: keep the receivers with each event, and replay to them alone",
  replaysEverything:
    "an unknown id replays everything: look the id up in the log, and when it is not there send replay.gap and nothing old",
  adminRefused:
    "an admin is refused for lack of hierarchy: what a user may an admin may, over the WebSocket as well; in Spring: declare the RoleHierarchy for message security, too",
  sockjsCsrf:
    "SockJS's XHR transports are refused by CSRF protection: exempt the endpoint and all below it – it reads no cookie, CONNECT carries the credential – or clients behind a proxy without WebSocket are shut out",
  pattern:
    "a subscription to a pattern hears every room: refuse every SUBSCRIBE whose destination is not exactly that of one room; in Spring: in an inbound channel interceptor, for the simple broker matches patterns",
  anonymousConnect:
    "CONNECT without a token let in: authenticate CONNECT (and STOMP), and refuse every other frame of a session without a user; in Spring: in an inbound channel interceptor",
  endedToken:
    "CONNECT lets the token of an ended login in, which REST refuses: ask the registry of logins at CONNECT, too, not the signature alone",
  framesBeforeConnect:
    "frames before CONNECT are acted on: refuse every frame of a session without a user, SEND and SUBSCRIBE included; in Spring: in an inbound channel interceptor",
  guardedHandshake:
    "the WebSocket handshake needs a token, which no browser can send with it: permit the endpoint and all below it, the credential comes with CONNECT",
  outlivesLogin:
    "open connections outlive the login: close the user's sockets and streams on logout, second login, role change and deletion, on every instance",
  burstOrder:
    "a burst arrives out of order: frames of one connection are handled or sent in parallel, as by a thread pool; in Spring: setPreservePublishOrder(true) and setPreserveReceiveOrder(true)",
  seventhStream:
    "a seventh event stream hangs: over HTTP/1.1 six connections a host are all a browser opens, and this server (or its proxy) holds the seventh back; serve HTTP/2, or share one stream between tabs",
  refusedCookie:
    "browsers throw a cookie away: SameSite=None needs Secure, Secure needs https (or this machine), Domain must be the server's own; no page can use it",
  shutOut:
    "every browser is shut out, other clients are not: no page's origin is let in; allow the front end's for the WebSocket and by CORS, or name it with --origin; in Spring: setAllowedOriginPatterns of the endpoint",
  privateLeak:
    "a private room leaks: check at SUBSCRIBE, SEND and in REST that the user is a participant, and tell its events to participants alone",
} as const;

/** Runs `work`; when nothing was heard, finds out where the server delivers instead and says so. */
export async function diagnoseSilence<T>(
  world: World,
  work: () => Promise<T>,
  { connection, reader, channel }: { connection: StompConnection; reader: Account; channel: Channel },
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TimeoutError) && !(error instanceof TargetError)) throw error;
    // What the search for it rests on did not work either.
    const owner = (step: string): string | undefined => ownerOf(step, world.system.name);
    if (owner(error.step ?? "hear a posted message") !== owner("hear a posted message")) throw error;
    throw new Violation(error.message, await findReceiver(world, connection, reader, channel));
  }
}

/** Where else messages of this channel are heard, or as what. */
async function findReceiver(
  world: World,
  connection: StompConnection,
  reader: Account,
  channel: Channel,
): Promise<string | undefined> {
  const elsewhere = Object.entries(world.system.stomp?.mistakes?.heardAt?.(channel.room) ?? {});
  // Each on its own connection: one that is refused is closed.
  const atRight = connection.inbox.ended === undefined ? connection : await world.stomp(reader);
  const places: [string | undefined, Subscription][] = [[undefined, atRight.sendSubscribe(channel.destination)]];
  for (const [destination, diagnosis] of elsewhere)
    places.push([diagnosis, (await world.stomp(reader)).sendSubscribe(destination)]);
  for (let attempt = 0; attempt < 3; attempt++) {
    const marker = world.marker("where");
    await world.post(channel.owner, channel, marker);
    const heard = await Promise.all(places.map(([, subscription]) => heardWithin(subscription, marker)));
    if (heard[0] !== undefined) return heard[0].body.startsWith("{") ? undefined : diagnoses.textPayload;
    const at = heard.findIndex((frame) => frame !== undefined);
    if (at > 0) return places[at]![0];
  }
  return undefined;
}

const heardWithin = (subscription: Subscription, marker: string): Promise<StompFrame | undefined> =>
  subscription
    .awaitMessage("a message anywhere", ({ body }) => holds(body, marker), 700)
    .catch((error: unknown) => {
      if (error instanceof TimeoutError || error instanceof TargetError) return undefined;
      throw error;
    });

/** When a SEND was not heard: which other destination takes it. `heard` says whether a marker came. */
export async function diagnoseSend(
  world: World,
  work: () => Promise<unknown>,
  send: (destination: string, marker: string) => void,
  heard: (marker: string) => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TimeoutError) || error.step !== ("hear a sent message" satisfies Step)) throw error;
    for (const [destination, diagnosis] of Object.entries(world.system.stomp?.mistakes?.sentTo ?? {})) {
      const marker = world.marker("where");
      send(destination, marker);
      const came = await heard(marker).then(
        () => true,
        () => false,
      );
      if (came) throw new Violation(error.message, diagnosis);
    }
    throw error;
  }
}

/** When a named event did not come: whether its content came under another name. */
export async function diagnoseEventName(
  stream: { events: readonly { name: string; data: string | undefined }[] },
  work: () => Promise<unknown>,
  content: string,
  expected: string,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const other = stream.events.find((event) => event.name !== expected && holds(event.data, content));
    if (other === undefined) throw error;
    throw new Violation(
      `the event came as ${JSON.stringify(other.name)} instead of ${JSON.stringify(expected)}`,
      diagnoses.eventName,
    );
  }
}
