// Everything in a load run that depends on the system, evaluated once: who takes part, in which rooms, and what they
// send.
// k6 calls no function of a definition; it reads values, and puts the text where the placeholder is. Accounts and rooms
// are made before and deleted after, whatever happened in between; what is about to be made is noted first, so that
// `rollcall load --clean RUN` can delete what a killed run left.

import { HarnessError, madeNothing, TargetError } from "../../drivers/errors.ts";
import { Network } from "../../drivers/network.ts";
import { Secrets, Transcript } from "../../drivers/transcript.ts";
import { AccountBook } from "../../runner/account-book.ts";
import { notDeletedSince, overAfter, removeNotes, untilOver, writeNotes } from "../../runner/clean-up.ts";
import { reasonOf } from "../../runner/deletion.ts";
import { newPassword, Speaker, type Frame, type Speaking } from "../../runner/speaker.ts";
import type { Target } from "../../systems/target.ts";
import type { Room, Who } from "../../systems/types.ts";
import { LatencyHistogram } from "../../load/latencies.ts";
import { placeholder, socketsPerPerson, type Credentials, type LoadPlan, type Person } from "../../load/plan.ts";
import { groupsOf } from "./groups.ts";
import { rehearse } from "./rehearsal.ts";
import { counted } from "../../runner/text.ts";
import { quoted } from "../../drivers/quoted.ts";

/** At least so many rooms; more where a room holds few people. */
const roomsMin = 4;

/** What a text may have, unless the definition says otherwise. */
const textCharsMax = 2_000;
/** Of `@@lane.sequence.microseconds@@`. */
const markerCharsMax = 60;

export interface CastOptions {
  run: string;
  target: Target;
  connections: number;
  /** How many speak, where a room has place for so many. */
  senders: number;
  /** Listeners are on event streams. */
  onStreams: boolean;
  /** Listeners are on SockJS over XHR. */
  overSockjs: boolean;
  /** How many connections each person has; default: as many as one may. */
  socketsEach?: number;
  /** All are in one room, where it holds so many. */
  oneRoom: boolean;
  /** What is said is as long as the system takes. */
  longTexts: boolean;
  /** Ends the making of accounts; those that were made are deleted. */
  signal: AbortSignal;
  onLeftBehind: (leftBehind: string[]) => void;
  /** What the definition cannot delete, in words. */
  onStays: (what: string) => void;
}

/** Signs people up, opens rooms for them and says something in one. Throws TargetError, TimeoutError, HarnessError. */
export async function openCast(options: CastOptions): Promise<LoadCast> {
  const cast = new LoadCast(options);
  try {
    await cast.open();
  } catch (error) {
    await cast.close();
    throw error;
  }
  return cast;
}

export class LoadCast {
  readonly #options: CastOptions;
  readonly #network: Network;
  readonly #speaker: Speaker;
  readonly #book: AccountBook | undefined;
  /** Everybody who was made; of people who are listed, those who take part. */
  readonly #accounts: (Speaking & { isKnown?: boolean })[] = [];
  readonly #rooms: Room[] = [];
  #listeners: Speaking[] = [];
  /** The first opens the rooms. */
  #publishers: Speaking[] = [];
  /** Rooms of a listener, by its number. */
  readonly #roomsOf: number[][] = [];
  #receipts = true;
  /** How long each took to log in. */
  readonly logins = new LatencyHistogram();
  /** From then on nothing more is deleted. */
  readonly #over: AbortSignal;

  constructor(options: CastOptions) {
    this.#options = options;
    this.#over = overAfter(options.signal);
    const { system, ca, throwAway, instances } = options.target;
    this.#network = new Network({ interrupt: options.signal, ...(ca === undefined ? {} : { ca }) });
    this.#speaker = new Speaker(system);
    const stays = system.accounts?.signUp !== undefined && !this.#speaker.removesAccounts && !throwAway;
    this.#book = stays ? new AccountBook(system.name, instances[0]) : undefined;
  }

  get #url(): string {
    return this.#options.target.instances[0];
  }

  async open(): Promise<void> {
    const { connections, senders, onStreams, oneRoom, socketsEach = socketsPerPerson, target } = this.#options;
    const { rooms, accounts } = target.system;
    const capacity = rooms?.capacity ?? Infinity;
    const speakers = Math.min(senders, Math.max(1, capacity - 1));
    const listed = accounts?.listed?.();
    const wanted = Math.ceil(connections / socketsEach) + speakers;
    const count = listed === undefined ? wanted : Math.min(wanted, listed.length);
    if (count === 0) throw new HarnessError("Cannot load: accounts.listed lists nobody");
    for (let index = 0; index < count; index++) await this.#enter(index, listed?.[index]);
    // One person alone listens to itself.
    const speakersHere = Math.max(1, Math.min(speakers, count - 1));
    this.#listeners = count === 1 ? this.#accounts : this.#accounts.slice(0, -speakersHere);
    this.#publishers = this.#accounts.slice(-speakersHere);
    if (rooms === undefined) return;
    const groups = groupsOf(this.#listeners.length, {
      capacity,
      speakers: speakersHere,
      roomsMin: oneRoom ? 1 : roomsMin,
    });
    for (const { members, rooms: times } of groups)
      for (let number = 0; number < times; number++) await this.#openRoom(members);
    // What is published is no message of a room.
    if (onStreams && target.system.events?.publish !== undefined) return;
    this.#receipts = await rehearse({
      speaker: this.#speaker,
      network: this.#network,
      url: this.#url,
      listener: this.#listeners[0]!,
      publisher: this.#publishers[0]!,
      room: this.#rooms[this.#roomsOf[0]![0]!]!,
      textWith: `${placeholder}0.0.0${placeholder}`,
    });
  }

  /** Throws HarnessError where a part of it cannot be put into a template. */
  get plan(): LoadPlan {
    const { target, onStreams, overSockjs, socketsEach } = this.#options;
    if (onStreams && target.system.events?.publish !== undefined) return this.#planOfEvents();
    return {
      ...this.#padding,
      ...(socketsEach === undefined ? {} : { socketsEach }),
      webSocketUrls: target.instances.map((url) => this.#speaker.webSocketUrl(url)),
      ...(overSockjs ? { sockjsUrls: target.instances.map((url) => this.#speaker.stompUrl(url)) } : {}),
      receipts: this.#receipts,
      ...(onStreams ? { streams: this.#streams } : {}),
      listeners: this.#listeners.map((account, number) => ({
        ...this.#credentialsOf(account),
        ...(onStreams ? this.#requestsOf(account) : {}),
        rooms: this.#subscriptionsOf(account, this.#roomsOf[number]!),
      })),
      publishers: this.#publishers.map((account) => ({
        ...this.#credentialsOf(account),
        rooms: this.#subscriptionsOf(account, this.#rooms.keys()),
        sends: this.#rooms.map((room) => this.#sendOf(account, room)),
      })),
      rooms: this.#rooms.map((room) => ({ destination: this.#speaker.destinationOf(room) })),
    };
  }

  /** Of streams on which everybody hears what is published: they are one room. */
  #planOfEvents(): LoadPlan {
    const rooms = [{ room: 0, headers: {} }];
    const nothing = { handshake: {}, connect: {} };
    return {
      ...this.#padding,
      webSocketUrls: [],
      receipts: true,
      streams: this.#streams,
      listeners: this.#listeners.map((account) => ({ ...nothing, ...this.#requestsOf(account), rooms })),
      publishers: this.#publishers.map(() => ({ ...nothing, rooms, sends: [] })),
      rooms: [{ destination: "" }],
    };
  }

  /** Says a text to everybody who is on a stream, as one of the publishers; undefined: it is said over STOMP. */
  get publish(): ((publisher: number, text: string) => Promise<void>) | undefined {
    const { target, onStreams } = this.#options;
    if (!onStreams || target.system.events?.publish === undefined) return undefined;
    return (publisher, text) => this.#speaker.publishText(this.#publishers[publisher]!, text);
  }

  /** Reads what was said in a room of a listener, by a number; undefined: the system has no history. */
  get read(): ((number: number) => Promise<void>) | undefined {
    if (this.#options.target.system.history === undefined) return undefined;
    return async (number) => {
      const listener = number % this.#listeners.length;
      const rooms = this.#roomsOf[listener]!;
      const room = rooms[Math.floor(number / this.#listeners.length) % rooms.length]!;
      await this.#speaker.history(this.#listeners[listener]!, this.#rooms[room]!, () => true);
    };
  }

  /** As long as the system takes, with room for the marker. */
  get #padding(): Pick<LoadPlan, "padding"> {
    const { longTexts, target } = this.#options;
    const charsMax = (target.system.stomp?.textLengthMax ?? textCharsMax) - markerCharsMax;
    return longTexts && charsMax > 0 ? { padding: ".".repeat(Math.min(charsMax, textCharsMax)) } : {};
  }

  get #streams(): NonNullable<LoadPlan["streams"]> {
    const { system, instances } = this.#options.target;
    return { baseUrls: [...instances], replays: system.promises?.includes("replay") === true };
  }

  #requestsOf(account: Speaking): Pick<Person, "stream" | "resume"> {
    const resume = this.#speaker.streamOf(account, { lastEventId: placeholder });
    return { stream: this.#speaker.streamOf(account), resume };
  }

  #tellWhatStays(): void {
    const { target, onStays } = this.#options;
    const { removesRooms } = this.#speaker;
    const lasting = target.system.rooms?.access !== "anyone" && !removesRooms ? this.#rooms.length : 0;
    const stays = [
      ...(this.#book === undefined || this.#accounts.length === 0
        ? []
        : [`${counted(this.#accounts.length, "account")} (no accounts.remove; the next run takes them)`]),
      ...(lasting === 0 ? [] : [`${counted(lasting, "room")} (no rooms.remove)`]),
    ];
    if (stays.length > 0) onStays(stays.join(", "));
  }

  #credentialsOf(account: Speaking): Credentials {
    return { handshake: this.#speaker.handshakeHeaders(account), connect: this.#speaker.connectHeaders(account) };
  }

  #subscriptionsOf(account: Speaking, rooms: Iterable<number>): Person["rooms"] {
    return Array.from(rooms, (room) => ({
      room,
      headers: this.#speaker.subscribeHeaders(account, this.#rooms[room]!),
    }));
  }

  #sendOf(account: Speaking, room: Room): Frame {
    const frame = this.#speaker.sendOf(account, room, placeholder);
    if (frame.body.split(placeholder).length !== 2)
      throw new HarnessError(
        `Cannot load: stomp.send of the system "${this.#speaker.system.name}" does not put the text once into the body as it is: ${quoted(frame.body)}`,
      );
    return frame;
  }

  /** Somebody who is listed or stayed from an earlier run, else somebody new; logged in. */
  async #enter(index: number, listed: Who | undefined): Promise<void> {
    const { run, target } = this.#options;
    this.#checkInterrupt();
    if (listed === undefined && (await this.#enterOld())) return;
    // As short as the system's names have to be.
    const username = `l${run}${index.toString(36)}`;
    const account = this.#accountOf(
      listed ?? { username, password: newPassword(), email: `${username}@rollcall.example` },
    );
    this.#accounts.push(account);
    if (listed === undefined) {
      if (!target.throwAway && this.#speaker.removesAccounts)
        writeNotes({
          run,
          system: target.system.name,
          baseUrl: this.#url,
          ...(target.ca === undefined ? {} : { ca: target.ca }),
          accounts: this.#accounts.map((each) => ({ username: each.username, password: each.password })),
        });
      await this.#signUp(account);
      account.isKnown = true;
      this.#book?.note(account);
    }
    const startMs = performance.now();
    await this.#speaker.logIn(account);
    this.logins.record((performance.now() - startMs) * 1_000);
  }

  /** Who was certainly not signed up is nobody who could stay. */
  async #signUp(account: Speaking): Promise<void> {
    try {
      await this.#speaker.signUp(account);
    } catch (error) {
      if (madeNothing(error)) this.#accounts.pop();
      throw error;
    }
  }

  /** False: nobody stayed, or the target knows them no more. */
  async #enterOld(): Promise<boolean> {
    for (let who = this.#book?.take(); who !== undefined; who = this.#book?.take()) {
      const account = this.#accountOf(who);
      try {
        await this.#speaker.logIn(account);
      } catch (error) {
        if (!(error instanceof TargetError && error.code === "refused")) throw error;
        this.#book?.drop(who);
        continue;
      }
      this.#accounts.push(account);
      return true;
    }
    return false;
  }

  #accountOf(who: Who): Speaking & { isKnown?: boolean } {
    const transcript = new Transcript(new Secrets(), 1);
    const rest = this.#speaker.client({ baseUrl: this.#url, network: this.#network, transcript, label: who.username });
    return { ...who, id: "", rest };
  }

  /** Of these listeners and all publishers: the first opens the room, so that it may speak in each. */
  async #openRoom(members: readonly number[]): Promise<void> {
    this.#checkInterrupt();
    const [owner, ...publishers] = this.#publishers;
    const others = [...members.map((number) => this.#listeners[number]!), ...publishers];
    const room = await this.#speaker.openRoom(
      owner!,
      others.filter((account) => account !== owner),
    );
    const number = this.#rooms.push(room) - 1;
    for (const member of members) (this.#roomsOf[member] ??= []).push(number);
  }

  #checkInterrupt(): void {
    if (this.#options.signal.aborted) throw new HarnessError("Cannot go on: interrupted");
  }

  /** Deletes everything; what could not be deleted goes to `onLeftBehind`. Never throws. */
  async close(): Promise<void> {
    const { run, target, onLeftBehind } = this.#options;
    if (!target.throwAway) {
      const leftBehind = await this.#deleteInTime();
      if (leftBehind.length === 0) removeNotes(run);
      else onLeftBehind(leftBehind);
      this.#tellWhatStays();
    }
    await this.#network.close();
  }

  /** Whose sign-up was not answered as it should be. */
  async #isThere(account: Speaking): Promise<boolean> {
    try {
      await this.#speaker.logIn(account);
      return true;
    } catch (error) {
      if (error instanceof TargetError && error.code === "refused") return false;
      throw error;
    }
  }

  async #deleteInTime(): Promise<string[]> {
    const { system } = this.#options.target;
    const startMs = performance.now();
    const leftBehind: string[] = [];
    const deletions = new Map<string, () => Promise<void>>();
    if (this.#speaker.removesRooms)
      for (const room of this.#rooms)
        deletions.set(`channel ${room.id}`, () => this.#speaker.removeRoom(this.#publishers[0]!, room));
    if (this.#speaker.removesAccounts && system.accounts?.signUp !== undefined)
      for (const account of this.#accounts) {
        deletions.set(`user ${account.username}`, async () => {
          if (account.isKnown === true || (await this.#isThere(account))) await this.#speaker.removeAccount(account);
        });
      }
    await untilOver(deleteAll(deletions, leftBehind), this.#over);
    return [...leftBehind, ...notDeletedSince(startMs, deletions.keys())];
  }
}

/** One after the other; each leaves the list, and where it failed goes to `leftBehind`. */
async function deleteAll(deletions: Map<string, () => Promise<void>>, leftBehind: string[]): Promise<void> {
  for (const [what, work] of deletions) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof TargetError && error.status === 404))
        leftBehind.push(`${what} (${reasonOf(error as Error)})`);
    }
    deletions.delete(what);
  }
}
