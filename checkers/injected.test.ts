// Random valid histories have no finding, wherever they are cut off; with one anomaly put in, exactly that one is
// found.

import fc from "fast-check";
import { expect, test } from "vitest";
import type {
  AcknowledgedEvent,
  HeardEvent,
  HistoryEvent,
  ReadEvent,
  RefusedEvent,
  SendEvent,
  SubscriptionEvent,
} from "./history.ts";
import { judge } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import { moves, playValid } from "./valid-history.ts";

function found(events: readonly HistoryEvent[]): string[] {
  const ledger = new Ledger();
  for (const event of events) ledger.add(event);
  return judge(ledger).findings.map(({ anomaly, message, subscription, reader }) =>
    [anomaly, message, subscription ?? reader ?? ""].join(" ").trim(),
  );
}

test("judge() finds nothing in a valid history, cut off or whole", () => {
  fc.assert(
    fc.property(moves, fc.nat(), (list, cut) => {
      const events = playValid(list);
      expect(found(events)).toEqual([]);
      expect(found(events.slice(0, cut % events.length))).toEqual([]);
    }),
  );
});

test("judge() counts every owed pair of a valid history as once", () => {
  fc.assert(
    fc.property(moves, (list) => {
      const events = playValid(list);
      const ledger = new Ledger();
      for (const event of events) ledger.add(event);
      const { deliveries, messages } = judge(ledger);
      const answered = new Set(events.filter(is("acknowledged")).map(({ message }) => message));
      const owed = events
        .filter(is("send"))
        .filter(({ message }) => answered.has(message))
        .reduce((sum, send) => sum + listenersOf(events, send).length, 0);
      expect(deliveries).toMatchObject({ once: owed, lost: 0 });
      expect(messages.sent).toBe(messages.acknowledged + messages.refused + messages.unknown);
    }),
  );
});

const is =
  <T extends HistoryEvent["type"]>(type: T) =>
  (event: HistoryEvent): event is Extract<HistoryEvent, { type: T }> =>
    event.type === type;

const listens = ({ rooms, user, ownMessages }: SubscriptionEvent, { room, sender }: SendEvent): boolean =>
  rooms.includes(room) && (ownMessages || user !== sender);
const listenersOf = (events: readonly HistoryEvent[], send: SendEvent): SubscriptionEvent[] =>
  events.filter(is("subscription")).filter((one) => listens(one, send));

/**
 * What is to be done to the history at this event, and what must be found; undefined: this anomaly cannot be put here.
 */
interface Injection {
  events: HistoryEvent[];
  found: string;
}
type Inject = (event: HistoryEvent, at: number, world: World) => Injection | undefined;

/** What an injection wants to know of the history. */
class World {
  readonly events: HistoryEvent[];
  readonly acknowledged: ReadonlySet<string>;

  constructor(events: HistoryEvent[]) {
    this.events = events;
    this.acknowledged = new Set(events.filter(is("acknowledged")).map(({ message }) => message));
  }

  without(drop: (event: HistoryEvent) => boolean): HistoryEvent[] {
    return this.events.filter((event) => !drop(event));
  }

  with(at: number, ...more: HistoryEvent[]): HistoryEvent[] {
    return this.events.toSpliced(at + 1, 0, ...more);
  }

  instead(at: number, event: HistoryEvent): HistoryEvent[] {
    return this.events.toSpliced(at, 1, event);
  }

  /** How somebody would hear this message now. Everybody has a connection from the beginning. */
  heardBy(
    { subscription, transport }: SubscriptionEvent,
    { message, room, hash }: Pick<SendEvent, "message" | "room" | "hash">,
    { atMs }: HistoryEvent,
  ): HeardEvent {
    const event = transport === "sse" ? { event: `event of ${message}` } : {};
    return { type: "heard", atMs, subscription, epoch: 1, how: "pushed", message, room, hash, ...event };
  }

  send(message: string): SendEvent {
    return this.events.filter(is("send")).find((send) => send.message === message)!;
  }

  reader(name: string): Extract<HistoryEvent, { type: "reader" }> {
    return this.events.filter(is("reader")).find(({ reader }) => reader === name)!;
  }

  /** Somebody by a number; the same one for the same number. */
  somebody(number: number, wanted: (subscription: SubscriptionEvent) => boolean): SubscriptionEvent | undefined {
    const all = this.events.filter(is("subscription")).filter(wanted);
    return all[number % all.length];
  }
}

/** The events of one kind, that an injection begins with. */
const on =
  <T extends HistoryEvent["type"]>(
    type: T,
    inject: (event: Extract<HistoryEvent, { type: T }>, at: number, world: World) => Injection | undefined,
  ): Inject =>
  (event, at, world) =>
    is(type)(event) ? inject(event, at, world) : undefined;

const isPush = (event: HistoryEvent): event is HeardEvent => event.type === "heard" && event.how === "pushed";
const turnedNext = (world: World, event: HeardEvent, at: number): number => {
  const next = world.events.findIndex(
    (other, index) => index > at && other.type === "heard" && other.subscription === event.subscription,
  );
  const other = world.events[next];
  return other !== undefined &&
    isPush(other) &&
    other.epoch === event.epoch &&
    other.room === event.room &&
    other.message !== event.message
    ? next
    : -1;
};

const lost = on("heard", ({ subscription, message }: HeardEvent, _, world) => {
  if (!world.acknowledged.has(message!)) return undefined;
  return {
    events: world.without(
      (event) => event.type === "heard" && event.subscription === subscription && event.message === message,
    ),
    found: `lost ${message} ${subscription}`,
  };
});

const onlyInHistory = on("heard", (event: HeardEvent, at, world) => {
  const { subscription, epoch, message } = event;
  const live = world.events.findLast((other) => other.type === "confirmed" && other.subscription === subscription);
  if (
    !isPush(event) ||
    !world.acknowledged.has(message!) ||
    !is("confirmed")(live!) ||
    live.epoch !== epoch ||
    world.send(message!).atMs < live.atMs
  )
    return undefined;
  return { events: world.instead(at, { ...event, how: "history" }), found: `lost ${message} ${subscription}` };
});

const skipped = on("heard", (event: HeardEvent, at, world) => {
  const { subscription, epoch, message, room } = event;
  const confirmed = world.events.find(
    (other) => other.type === "confirmed" && other.subscription === subscription && other.epoch === epoch,
  );
  const isLater = (other: HistoryEvent, index: number): boolean =>
    index > at &&
    isPush(other) &&
    other.subscription === subscription &&
    other.epoch === epoch &&
    other.room === room &&
    other.message !== message;
  if (!isPush(event) || event.event !== undefined || !world.acknowledged.has(message!) || !world.events.some(isLater))
    return undefined;
  if (confirmed === undefined || world.send(message!).atMs < confirmed.atMs) return undefined;
  return { events: world.instead(at, { ...event, how: "history" }), found: `lost ${message} ${subscription}` };
});

const duplicate = on("heard", (event: HeardEvent, at, world) =>
  isPush(event)
    ? { events: world.with(at, event), found: `duplicate ${event.message} ${event.subscription}` }
    : undefined,
);

const replayedTwice = on("confirmed", ({ subscription, epoch, atMs }, at, world) => {
  const before = world.events
    .slice(0, at)
    .findLast((event) => isPush(event) && event.subscription === subscription && event.epoch < epoch);
  if (before === undefined || !isPush(before) || before.event === undefined) return undefined;
  return { events: world.with(at, { ...before, epoch, atMs }), found: `duplicate ${before.message} ${subscription}` };
});

const twiceInHistory = on("read", (event: ReadEvent, at, world) =>
  world.reader(event.reader).log === "history"
    ? { events: world.with(at, event), found: `duplicate ${event.message} ${event.reader}` }
    : undefined,
);

const reordered = on("heard", (event: HeardEvent, at, world) => {
  const next = isPush(event) ? turnedNext(world, event, at) : -1;
  if (next === -1) return undefined;
  return {
    events: world.with(next, { ...event, atMs: world.events[next]!.atMs }).toSpliced(at, 1),
    found: `reordered ${event.message} ${event.subscription}`,
  };
});

const readersDisagree = on("read", (event: ReadEvent, at, world) => {
  const next = world.events[at + 1];
  const { log, reader } = world.reader(event.reader);
  if (next?.type !== "read" || log === "events" || reader.endsWith("server-1") || next.message === event.message)
    return undefined;
  // A record that the topic repeats stands where it stood first.
  return { events: world.events.toSpliced(at, 2, next, event), found: `reordered ${event.message} ${reader}` };
});

const foreign = on("acknowledged", (event: AcknowledgedEvent, at, world) => {
  const send = world.send(event.message);
  const subscription = world.somebody(at, (one) => !listens(one, send));
  if (subscription === undefined) return undefined;
  return {
    events: world.with(at, world.heardBy(subscription, send, event)),
    found: `foreign ${send.message} ${subscription.subscription}`,
  };
});

const refusedGhost = on("refused", (event: RefusedEvent, at, world) => {
  const send = world.send(event.message);
  const subscription = world.somebody(at, (one) => listens(one, send));
  if (subscription === undefined) return undefined;
  return {
    events: world.with(at, world.heardBy(subscription, send, event)),
    found: `ghost ${send.message} ${subscription.subscription}`,
  };
});

const unsentGhost = on("send", (event, at, world) => {
  const subscription = world.somebody(at, () => true)!;
  const ghost = { message: "nobody's", room: subscription.rooms[0]!, hash: "" };
  return {
    events: world.with(at, world.heardBy(subscription, ghost, event)),
    found: `ghost nobody's ${subscription.subscription}`,
  };
});

const unstoredGhost = on("send", (send, at, world) => {
  const subscription = world.somebody(at, (one) => listens(one, send));
  const known = world.events.some(
    (event) =>
      (event.type === "heard" || event.type === "read" || event.type === "refused") && event.message === send.message,
  );
  if (known || subscription === undefined) return undefined;
  return {
    events: world.with(at, world.heardBy(subscription, send, send)),
    found: `ghost ${send.message} ${subscription.subscription}`,
  };
});

const refusedInLog = on("read", (event: ReadEvent, at, world) => {
  const { reader, log } = world.reader(event.reader);
  const refused = world.events.find(is("refused"));
  if (log === "events" || refused === undefined) return undefined;
  const { room } = world.send(refused.message);
  if (world.reader(reader).of !== room) return undefined;
  return {
    events: world.with(at, { type: "read", atMs: event.atMs, reader, message: refused.message }),
    found: `ghost ${refused.message} ${reader}`,
  };
});

const mutatedPush = on("heard", (event: HeardEvent, at, world) => {
  const again = world.events.some(
    (other, index) =>
      index < at &&
      other.type === "heard" &&
      other.subscription === event.subscription &&
      other.message === event.message,
  );
  return again
    ? undefined
    : {
        events: world.instead(at, { ...event, hash: "other" }),
        found: `mutated ${event.message} ${event.subscription}`,
      };
});

const mutatedId = on("heard", (event: HeardEvent, at, world) => ({
  events: world.instead(at, { ...event, id: "other" }),
  found: `mutated ${event.message} ${event.subscription}`,
}));

const mutatedAnswer = on("acknowledged", (event: AcknowledgedEvent, at, world) => ({
  events: world.instead(at, { ...event, id: "other" }),
  found: `mutated ${event.message}`,
}));

const mutatedLog = on("read", (event: ReadEvent, at, world) => ({
  events: world.instead(at, { ...event, hash: "other" }),
  found: `mutated ${event.message} ${event.reader}`,
}));

const mutatedIdInLog = on("read", (event: ReadEvent, at, world) =>
  world.acknowledged.has(event.message!)
    ? { events: world.instead(at, { ...event, id: "other" }), found: `mutated ${event.message} ${event.reader}` }
    : undefined,
);

const erased = on("read", ({ reader, message }: ReadEvent, _, world) => {
  if (world.reader(reader).log === "events") return undefined;
  return {
    events: world.without((event) => event.type === "read" && event.reader === reader && event.message === message),
    found: `erased ${message} ${reader}`,
  };
});

test.each<[string, Inject]>([
  ["lost", lost],
  ["lost live", onlyInHistory],
  ["lost to a connection", skipped],
  ["duplicate", duplicate],
  ["duplicate across connections of a stream", replayedTwice],
  ["duplicate in a history", twiceInHistory],
  ["reordered", reordered],
  ["reordered in one log", readersDisagree],
  ["foreign", foreign],
  ["ghost: refused", refusedGhost],
  ["ghost: never sent", unsentGhost],
  ["ghost: not stored", unstoredGhost],
  ["ghost: refused, yet in a log", refusedInLog],
  ["mutated content", mutatedPush],
  ["mutated id", mutatedId],
  ["mutated id of the answer", mutatedAnswer],
  ["mutated content in a log", mutatedLog],
  ["mutated id in a log", mutatedIdInLog],
  ["erased", erased],
])("judge() finds exactly one injected anomaly: %s", (_, inject) => {
  let injected = 0;
  fc.assert(
    fc.property(moves, fc.nat(), (list, start) => {
      const world = new World(playValid(list));
      for (let step = 0; step < world.events.length; step++) {
        const at = (start + step) % world.events.length;
        const injection = inject(world.events[at]!, at, world);
        if (injection === undefined) continue;
        injected++;
        expect(found(injection.events)).toEqual([injection.found]);
        return;
      }
    }),
  );
  // A place for it is found in most histories, or the test says nothing.
  expect(injected).toBeGreaterThan(20);
});
