// `defineSystem`: checks a definition as far as that goes without a server, and says which features follow from it.

import type { Feature } from "../contract/clause.ts";
import { HarnessError } from "../drivers/errors.ts";
import { misspeltIn } from "./fields.ts";
import type { Account, EventCause, Room, SystemDefinition } from "./types.ts";

/** A definition that was checked. */
export interface System extends SystemDefinition {
  readonly features: ReadonlySet<Feature>;
}

const namePattern = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * @example
 *   defineSystem({
 *     name: "study-chat",
 *     rooms: { open: async (owner) => (await owner.http.post("/rooms")).pick("id"), access: "anyone" },
 *     stomp: { url: "/ws", destinations: (room) => [`/topic/rooms/${room.id}`] },
 *   });
 *
 * @throws HarnessError that names what is misspelt, or what is missing, with lines that would mend it.
 */
export function defineSystem<A extends Account = Account, R extends Room = Room>(
  definition: SystemDefinition<A, R>,
): System {
  const plain = definition as unknown as SystemDefinition;
  checkDefinition(plain);
  return Object.freeze({ ...plain, features: featuresOf(plain) });
}

/** What cannot be guessed, and three lines that say it. */
function checkDefinition(definition: SystemDefinition): void {
  const { name, accounts, rooms, stomp, websocket, events, post, actions } = definition;
  if (typeof name !== "string" || !namePattern.test(name))
    throw new HarnessError(`Cannot use the system ${JSON.stringify(name)}: a name is lower-case, as "study-chat"`);
  const misspelt = misspeltIn(definition);
  if (misspelt !== undefined)
    throw new HarnessError(`Cannot use the system "${name}": ${misspelt.because}`, { cause: misspelt });
  const missing = (what: string, example: string): never => {
    throw new HarnessError(`Cannot use the system "${name}": it does not say ${what}; for example:\n${example}`);
  };
  if (accounts !== undefined && !accounts.signUp && !accounts.guest && !accounts.listed)
    missing(
      "how people come about (accounts.signUp, guest or listed)",
      '  accounts: {\n    signUp: (http, who) => http.post("/members", { json: { name: who.username, password: who.password } }),\n  },',
    );
  if (stomp !== undefined && (typeof stomp.url !== "string" || typeof stomp.destinations !== "function"))
    missing(
      "where messages of a room are heard (stomp.url, stomp.destinations)",
      '  stomp: {\n    url: "/ws", destinations: (room) => [`/topic/rooms/${room.id}`],\n  },',
    );
  if ((stomp ?? websocket) !== undefined && typeof rooms?.open !== "function")
    missing(
      "how a room is opened (rooms.open)",
      '  rooms: {\n    access: "members", open: async (owner) => (await owner.http.post("/rooms")).pick("id"),\n  },',
    );
  if (stomp !== undefined && !stomp.send && !post && !actions)
    missing(
      "how something is said in a room (stomp.send, post or actions)",
      "  stomp: {\n    send: ({ room, text }) => ({ destination: `/app/rooms/${room.id}`, body: { content: text } }),\n  },",
    );
  if (events !== undefined && (typeof events.url !== "string" || Object.keys(events.causes ?? {}).length === 0))
    missing(
      "what events there are (events.url, events.causes)",
      '  events: {\n    url: "/events", causes: { room: { cause: async ({ owner, members, openRoom }) => ({ key: (await openRoom(owner, members)).id }), receivers: "members" } },\n  },',
    );
}

/** What is promised, "history" if and only if the definition can read one. */
export function promisesOf({ promises = [], history }: SystemDefinition): string[] {
  const others = promises.filter((promised) => promised !== "history");
  return history === undefined ? others : ["history", ...others];
}

/** Whether somebody can see to it that such an event comes, and others must not hear it. */
export const isForSome = ({ cause, receivers }: EventCause): boolean =>
  cause !== undefined && (receivers === "members" || receivers === "others");

function featuresOf(definition: SystemDefinition): Set<Feature> {
  const { accounts, rooms, stomp, websocket, events, post, history, actions, promises = [], http } = definition;
  const has: Record<Feature, boolean> = {
    stomp: stomp !== undefined,
    sockjs: stomp?.transports?.includes("sockjs") === true,
    "raw-websocket": websocket !== undefined,
    websocket: (stomp ?? websocket) !== undefined,
    // Where nobody logs in there is no token that could be missing, forged or ended.
    credential:
      accounts?.logIn !== undefined && (stomp === undefined ? events !== undefined : stomp.connect !== undefined),
    send: stomp?.send !== undefined && stomp.textOf !== undefined,
    post: post !== undefined,
    text: (stomp?.send ?? post) !== undefined,
    errors: stomp?.errors !== undefined,
    history: history !== undefined,
    events: Object.values(events?.causes ?? {}).some(
      // Most proofs need somebody who listens, and somebody else.
      ({ cause, receivers }) => cause !== undefined && receivers !== "self",
    ),
    "events-for-some": Object.values(events?.causes ?? {}).some(isForSome),
    streams: events !== undefined,
    publish: events?.publish !== undefined,
    replay: promises.includes("replay"),
    membership: rooms?.access === "members",
    actions: stomp !== undefined && Object.values(actions ?? {}).some(({ repeatable }) => repeatable),
    "log-out": accounts?.logOut !== undefined && http?.guarded !== undefined,
    "sender-checked": promises.includes("sender-checked"),
    broker: stomp !== undefined && promises.includes("broker"),
    acks: stomp !== undefined && promises.includes("acks"),
    transactions: stomp !== undefined && promises.includes("transactions"),
    queues: stomp?.queue !== undefined,
    tcp: stomp?.transports?.includes("tcp") === true,
    "one-system": !promises.includes("separate-instances"),
    "order-per-room": promises.includes("order-per-room"),
    "order-per-sender": promises.includes("order-per-room") || promises.includes("order-per-sender"),
  };
  return new Set((Object.keys(has) as Feature[]).filter((feature) => has[feature]));
}
