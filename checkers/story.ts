// What happened to one message? For whoever reads a report: who sent it when to which place, what the answer was, who
// heard it on which connection and who did not, what the connection of the finding went through meanwhile, which faults
// were on, and where the final readers have it.

import type { FaultEvent, HeardEvent, HistoryEvent, OpenEvent, SendEvent, SubscriptionEvent } from "./history.ts";
import type { Finding } from "./findings.ts";

/** What is said about connections and faults: from this long before the sending to this long after it. */
const aroundMs = 30_000;

interface HeardSo {
  how: HeardEvent["how"];
  atMs: number;
  epoch: number;
  place: string;
  event?: string;
}

interface StoryListener {
  subscription: string;
  user: string;
  transport: SubscriptionEvent["transport"];
  /** Whether it had to hear it: confirmed before the sending, the message acknowledged, the room its own. */
  owed: boolean;
  heard: HeardSo[];
}

interface ConnectionStep {
  atMs: number;
  what: "opened" | "confirmed" | "closed";
  epoch: number;
  place?: string;
  after?: string;
  because?: string;
}

export interface Story {
  message: string;
  finding?: Finding;
  send?: Pick<SendEvent, "atMs" | "sender" | "room" | "place" | "transport" | "connection">;
  fate: { what: "acknowledged" | "refused" | "unknown"; atMs?: number; id?: string; because?: string };
  listeners: StoryListener[];
  connection: ConnectionStep[];
  faults: { fault: string; text: string; onAtMs: number; healedAtMs?: number }[];
  /** false: the run came to no end, so nothing is said of who did not hear it. */
  complete: boolean;
  /** `place` from 1 in the log; absent: the reader does not have it. */
  readers: StoryReader[];
}

interface StoryReader {
  reader: string;
  log: string;
  at: string;
  position?: number;
  length: number;
  /** It was read from behind an event that came after the message: it cannot have it. */
  beganLater?: true;
}

interface Listening extends StoryListener {
  begun: SubscriptionEvent;
  confirmedAtMs?: number;
  places: Map<number, string>;
}

/** One pass over the history. */
export function storyOf(events: Iterable<HistoryEvent>, subject: Finding | Pick<Finding, "message">): Story {
  const teller = new Teller(subject);
  for (const event of events) teller.add(event);
  return teller.story();
}

class Teller {
  readonly #subject: Finding | Pick<Finding, "message">;
  readonly #listening = new Map<string, Listening>();
  readonly #steps: ConnectionStep[] = [];
  readonly #faults: Story["faults"] = [];
  readonly #readers = new Map<string, StoryReader & { of: string; after?: string }>();
  /** When each event was first heard: an event log is read from behind one of them. */
  readonly #eventAtMs = new Map<string, number>();
  #send: SendEvent | undefined;
  #fate: Story["fate"] = { what: "unknown" };
  #complete = false;

  constructor(subject: Finding | Pick<Finding, "message">) {
    this.#subject = subject;
  }

  add(event: HistoryEvent): void {
    const { message } = this.#subject;
    switch (event.type) {
      case "send":
        if (event.message === message) this.#send = event;
        return;
      case "acknowledged":
      case "refused":
      case "unknown":
        // An answer wins over none, and the acknowledgement over all.
        if (event.message === message && (event.type === "acknowledged" || this.#fate.what === "unknown"))
          this.#fate = fateOf(event);
        return;
      case "subscription":
        this.#listening.set(event.subscription, listeningOf(event));
        return;
      case "open":
        this.#listening.get(event.subscription)?.places.set(event.epoch, event.place);
        return this.#step(event.subscription, openedStep(event));
      case "confirmed":
        this.#confirm(event.subscription, event.atMs);
        return this.#step(event.subscription, { atMs: event.atMs, what: "confirmed", epoch: event.epoch });
      case "close":
        return this.#step(event.subscription, {
          atMs: event.atMs,
          what: "closed",
          epoch: event.epoch,
          because: event.because,
        });
      case "heard":
        return this.#hear(event);
      case "fault":
        return this.#fault(event);
      case "reader":
        this.#readers.set(event.reader, {
          reader: event.reader,
          log: event.log,
          at: event.place,
          length: 0,
          of: event.of,
          ...(event.after === undefined ? {} : { after: event.after }),
        });
        return;
      case "read":
        return this.#read(event.reader, event.message === message || `event ${event.event}` === message);
      case "end":
        this.#complete = true;
        return;
      case "run":
        return;
    }
  }

  #step(subscription: string, step: ConnectionStep): void {
    if ("subscription" in this.#subject && this.#subject.subscription === subscription) this.#steps.push(step);
  }

  #confirm(subscription: string, atMs: number): void {
    const listening = this.#listening.get(subscription);
    if (listening !== undefined) listening.confirmedAtMs ??= atMs;
  }

  #hear({ message, subscription, how, atMs, epoch, event }: HeardEvent): void {
    if (event !== undefined && !this.#eventAtMs.has(event)) this.#eventAtMs.set(event, atMs);
    if (message !== this.#subject.message && (event === undefined || `event ${event}` !== this.#subject.message))
      return;
    const listening = this.#listening.get(subscription);
    listening?.heard.push({
      how,
      atMs,
      epoch,
      place: listening.places.get(epoch) ?? "?",
      ...(event === undefined ? {} : { event }),
    });
  }

  #fault({ fault, what, text, atMs }: FaultEvent): void {
    if (what === "on") this.#faults.push({ fault, text, onAtMs: atMs });
    else {
      const on = this.#faults.findLast((item) => item.fault === fault);
      if (on !== undefined) on.healedAtMs = atMs;
    }
  }

  #read(name: string, isIt: boolean): void {
    const reader = this.#readers.get(name);
    if (reader === undefined) return;
    reader.length++;
    if (isIt) reader.position ??= reader.length;
  }

  story(): Story {
    const send = this.#send;
    const aboutMs = send?.atMs ?? ("atMs" in this.#subject ? this.#subject.atMs : 0);
    const near = (atMs: number): boolean => Math.abs(atMs - aboutMs) <= aroundMs;
    const listeners = [...this.#listening.values()].filter(
      (listening) => listening.heard.length > 0 || this.#listensTo(listening),
    );
    // What was open at the time began with a step that may lie long before.
    const lastBefore = this.#steps.findLastIndex(({ atMs, what }) => atMs <= aboutMs && what === "opened");
    return {
      message: this.#subject.message,
      ...("anomaly" in this.#subject ? { finding: this.#subject } : {}),
      ...(send === undefined ? {} : { send: sendOf(send) }),
      fate: this.#fate,
      listeners: listeners.map((listening) => this.#told(listening)),
      connection: this.#steps.filter(({ atMs }, at) => near(atMs) || at === lastBefore),
      faults: this.#faults.filter(
        ({ onAtMs, healedAtMs }) =>
          near(onAtMs) || (onAtMs <= aboutMs && (healedAtMs ?? Infinity) >= aboutMs - aroundMs),
      ),
      complete: this.#complete,
      readers: [...this.#readers.values()]
        .filter(
          ({ log, of, position }) => position !== undefined || of === (log === "events" ? this.#user() : send?.room),
        )
        .map(({ reader, log, at, position, length, after }) => ({
          reader,
          log,
          at,
          length,
          ...(position !== undefined
            ? { position }
            : this.#isBehind(after, aboutMs)
              ? { beganLater: true as const }
              : {}),
        })),
    };
  }

  /**
   * Whether `after`, from behind which a log was read, came after the message: as an event if it was heard as one, else
   * as it was sent.
   */
  #isBehind(after: string | undefined, aboutMs: number): boolean {
    const afterMs = after === undefined ? undefined : this.#eventAtMs.get(after);
    if (afterMs === undefined) return false;
    const heardMs = [...this.#listening.values()].flatMap(({ heard }) =>
      heard.filter(({ event }) => event !== undefined).map(({ atMs }) => atMs),
    );
    return Math.min(...(heardMs.length > 0 ? heardMs : [aboutMs])) <= afterMs;
  }

  /** Whose subscription the finding is about. */
  #user(): string | undefined {
    return "subscription" in this.#subject && this.#subject.subscription !== undefined
      ? this.#listening.get(this.#subject.subscription)?.user
      : undefined;
  }

  #listensTo({ begun }: Listening): boolean {
    return this.#send !== undefined && begun.rooms.includes(this.#send.room);
  }

  #told(listening: Listening): StoryListener {
    const { subscription, user, transport, heard, begun, confirmedAtMs = Infinity } = listening;
    const owed =
      this.#send !== undefined &&
      this.#listensTo(listening) &&
      this.#fate.what === "acknowledged" &&
      this.#send.atMs >= confirmedAtMs &&
      (begun.ownMessages || user !== this.#send.sender);
    return { subscription, user, transport, owed, heard };
  }
}

function fateOf(event: Extract<HistoryEvent, { type: "acknowledged" | "refused" | "unknown" }>): Story["fate"] {
  if (event.type === "acknowledged")
    return { what: "acknowledged", atMs: event.atMs, ...(event.id === undefined ? {} : { id: event.id }) };
  return { what: event.type, atMs: event.atMs, because: event.because };
}

function listeningOf(begun: SubscriptionEvent): Listening {
  const { subscription, user, transport } = begun;
  return { subscription, user, transport, owed: false, heard: [], begun, places: new Map() };
}

function openedStep({ atMs, epoch, place, after }: OpenEvent): ConnectionStep {
  return { atMs, what: "opened", epoch, place, ...(after === undefined ? {} : { after }) };
}

const sendOf = ({ atMs, sender, room, place, transport, connection }: SendEvent): Story["send"] & {} => ({
  atMs,
  sender,
  room,
  place,
  transport,
  connection,
});

/** Before the lines about whom the finding is about. */
export const pointer = "▶ ";

/** The story as lines of text, in the order in which one asks. */
export function tell(story: Story): string[] {
  const { message, finding, send, fate, complete } = story;
  const point = (name: string): string => (name === finding?.subscription || name === finding?.reader ? pointer : "");
  const seconds = (atMs: number): string => `${(atMs / 1_000).toFixed(3)} s`;
  const lines = [finding === undefined ? message : `${finding.anomaly}: ${finding.text}`];
  if (!complete) lines.push("the run came to no end: who has not heard it may have been about to");
  if (send === undefined) lines.push(`nobody sent ${message}`);
  else
    lines.push(
      `${seconds(send.atMs)}  ${send.sender} sent it to room ${send.room} at ${send.place} over ${send.transport} (connection ${send.connection})`,
    );
  if (send !== undefined) lines.push(tellFate(fate, seconds));
  for (const { text, onAtMs, healedAtMs } of story.faults)
    lines.push(
      `fault: ${text}, from ${seconds(onAtMs)} ${healedAtMs === undefined ? "on" : `to ${seconds(healedAtMs)}`}`,
    );
  for (const { subscription, transport, owed, heard } of story.listeners) {
    const how = heard.map(
      (one) =>
        `${one.how === "pushed" ? "was pushed it" : "found it in the history"} at ${seconds(one.atMs)} on connection ${one.epoch} to ${one.place}`,
    );
    lines.push(
      `${point(subscription)}${subscription} (${transport}${owed ? "" : ", not owed"}) ${how.length > 0 ? how.join(", ") : owed && complete ? "NEVER HEARD IT" : "did not hear it"}`,
    );
  }
  for (const { atMs, what, epoch, place, after, because } of story.connection) {
    const more = [
      place === undefined ? "" : ` to ${place}`,
      after === undefined ? "" : ` after event ${after}`,
      because === undefined ? "" : `: ${because}`,
    ].join("");
    lines.push(`${finding?.subscription ?? ""}: ${seconds(atMs)} connection ${epoch} ${what}${more}`);
  }
  for (const { reader, at, log, position, length, beganLater } of story.readers) {
    const has =
      position !== undefined
        ? `has it as ${position} of ${length}`
        : beganLater === true
          ? "was read from behind a later event"
          : `${complete ? "DOES NOT HAVE IT" : "does not have it"} among ${length}`;
    lines.push(`${point(reader)}${reader} (${log} at ${at}) ${has}`);
  }
  return lines;
}

function tellFate({ what, atMs, id, because }: Story["fate"], seconds: (atMs: number) => string): string {
  if (atMs === undefined) return "it got no answer";
  const known = what === "unknown" ? "it got no answer" : `it was ${what}`;
  return `${seconds(atMs)}  ${known}${id === undefined ? "" : ` with id ${id}`}${because === undefined ? "" : `: ${because}`}`;
}
