// A chat for a test of one's own: people, rooms and tabs of any system that is defined, and a history of who said and
// heard what. Terms: tab – somebody who listens to one room, or to one's event stream, and comes back by itself when
// its connection ends; message – the marker that `say` puts into a text, by which it is known everywhere.

import { EventEmitter } from "node:events";
import type { HistoryEvent, Transport } from "../checkers/history.ts";
import { HarnessError, TargetError, TimeoutError } from "../drivers/errors.ts";
import { Network } from "../drivers/network.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import { defineSystem, promisesOf } from "../systems/define.ts";
import { systemNamed, systemNames } from "../systems/systems.ts";
import type { Target } from "../systems/target.ts";
import type { Member, SystemDefinition } from "../systems/types.ts";
import type { Account } from "./account-pool.ts";
import { measureBaseline } from "./baseline.ts";
import { cleanUp, RunFile } from "./clean-up.ts";
import { eavesdrop } from "./eavesdrop.ts";
import { hashOf, reasonOf, type Room, type Scene } from "./faults/client.ts";
import { EventListener } from "./faults/event-listener.ts";
import { readAll } from "./faults/final-read.ts";
import type { Listener } from "./faults/listener.ts";
import { Recorder } from "./faults/recorder.ts";
import { sceneOf } from "./faults/run.ts";
import { StompListener } from "./faults/stomp-listener.ts";
import { doorsOf, findOrigin, pageOf } from "./origin.ts";
import type { RunContext, Where } from "./rooms.ts";
import { contextOf } from "./run.ts";
import { firstOf } from "./text.ts";
import { World } from "./world.ts";

export interface ChatOptions {
  /** The name of a built-in system, or a definition. */
  system: string | SystemDefinition;
  /** Base URLs of the instances, at least one. */
  urls: readonly string[];
  /** Base URL of the proxy in front of them. */
  proxy?: string;
  admin?: { username: string; password: string };
  /** PEM text of a private certificate authority. */
  ca?: string;
  /** How long what is expected may take, in ms. Default: many times what the target was measured to take. */
  timeoutMs?: number;
  /** The history is written here, too, line by line, for `rollcall judge`. */
  historyFile?: string;
}

/** Where somebody goes: to an instance by its index in `urls` (default: the first one), or to the proxy. */
export interface Place {
  at?: number | "proxy";
}

export interface ChatRoom {
  /** As in the history and in findings. */
  readonly name: string;
  /** As the target names it. */
  readonly id: string;
  /** Where its messages are heard. */
  readonly destination: string;
  readonly members: readonly Member[];
}

export class Tab {
  readonly #listener: Listener;
  readonly #deadlineMs: number;

  constructor(listener: Listener, deadlineMs: number) {
    this.#listener = listener;
    this.#deadlineMs = deadlineMs;
  }

  /** As in the history and in findings. */
  get name(): string {
    return this.#listener.options.name;
  }

  /** Whether it hears a message (what `say` gave) in time, live or, after a reconnect, from the room's history. */
  hears(message: string, deadlineMs: number = this.#deadlineMs): Promise<boolean> {
    return this.#listener.hears(message, deadlineMs);
  }

  /** Ends the connection without a word, as a dead network does. The tab connects again within a second. */
  break(): void {
    this.#listener.break();
  }

  /** Resolves when it is connected and has caught up, or after the deadline. */
  live(deadlineMs: number = this.#deadlineMs): Promise<void> {
    return this.#listener.live(deadlineMs);
  }
}

/**
 * Opens a chat with a target: measures what it is like (a few seconds), so that deadlines fit it and a subscription is
 * known to be live also where nothing is answered with a RECEIPT.
 *
 * @example
 *   await using chat = await openChat({ system: studyChat, urls: ["http://localhost:8080"] });
 *   const [ann, ben] = await chat.people(2);
 *   const room = await chat.room(ann, ben);
 *   await chat.tab(ben, room);
 *   await chat.say(ann, room, "hello");
 *   expect(await chat.finish()).toBeDeliveredExactlyOnce();
 *
 * @throws TargetError or TimeoutError when nobody can be signed up, or hears anything; HarnessError for a mistake in
 *   the options.
 */
export async function openChat(options: ChatOptions): Promise<Chat> {
  const chat = new Chat(targetOf(options), options);
  try {
    await chat.prepare(options.timeoutMs);
    return chat;
  } catch (error) {
    await chat[Symbol.asyncDispose]();
    throw error;
  }
}

function targetOf({ system, urls, proxy, admin, ca }: ChatOptions): Target {
  const [first, ...others] = urls;
  if (first === undefined) throw new HarnessError('Cannot open a chat: name a URL, as urls: ["http://localhost:8080"]');
  const definition = typeof system === "string" ? systemNamed(system) : defineSystem(system);
  if (definition === undefined)
    throw new HarnessError(`Cannot open a chat: unknown system ${JSON.stringify(system)}: ${systemNames.join(", ")}`);
  return {
    name: first,
    system: definition,
    instances: [first, ...others],
    capabilities: new Set(admin === undefined ? [] : ["admin"]),
    throwAway: false,
    ...(proxy === undefined ? {} : { proxy }),
    ...(admin === undefined ? {} : { admin }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** Made by `openChat`. Deletes what it made when it is disposed of. */
export class Chat implements AsyncDisposable {
  readonly #recorder: Recorder;
  readonly #network: Network;
  readonly #secrets = new Secrets();
  readonly #context: RunContext;
  readonly #file: RunFile;
  readonly #over = new AbortController();
  readonly #accounts = new Map<Member, Account>();
  readonly #rooms = new Map<ChatRoom, Room>();
  readonly #listeners: Listener[] = [];
  /** Of one person at one place: messages that are said at once go out one after the other. */
  readonly #lanes = new Map<string, Promise<unknown>>();
  readonly #world: World;
  #eavesdropCount = 0;
  #scene: Scene | undefined;
  #history: readonly HistoryEvent[] | undefined;

  constructor(target: Target, { ca, timeoutMs, historyFile }: Pick<ChatOptions, "ca" | "timeoutMs" | "historyFile">) {
    this.#recorder = new Recorder(historyFile);
    this.#network = new Network(ca === undefined ? {} : { ca });
    const { run } = this.#recorder;
    const options = { target, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    this.#context = contextOf(options, run, this.#network, this.#secrets);
    this.#file = new RunFile(run, target, this.#context);
    this.#world = new World(this.#context, new Transcript(this.#secrets, 200));
  }

  /** Called by `openChat`. */
  async prepare(timeoutMs: number | undefined): Promise<void> {
    const { target, speaker, baseline } = this.#context;
    const { transcript } = this.#world;
    const network = this.#network;
    network.page = (await findOrigin(doorsOf(this.#context), { network, transcript }, pageOf(this.#context))).page;
    await using measuring = new World(this.#context, transcript);
    const failure = await measureBaseline(measuring, timeoutMs);
    if (failure !== undefined) throw failure;
    const { receipts, greets, ordered } = baseline;
    const [recorder, over] = [this.#recorder, this.#over.signal];
    const { run } = recorder;
    const startedAt = new Date().toISOString();
    const { system } = target;
    const promises = promisesOf(system);
    recorder.note({ type: "run", schema: 1, run, system: system.name, seed: 0, startedAt, ordered, promises });
    const blame = (what: string): void => process.emitWarning(`Rollcall: ${what}`);
    const denials: Scene["denials"] = new EventEmitter();
    const parts = { recorder, network, speaker, transcript, kafka: undefined, blame, receipts, greets, denials, over };
    this.#scene = sceneOf(target, parts);
  }

  /** Signs people up and logs them in: 17 of them at most. Each has an HTTP client of its own (`ann.http`). */
  async people<const Count extends number>(count: Count): Promise<PeopleOf<Count>> {
    const people: Member[] = [];
    while (people.length < count) {
      const [account] = await this.#world.accounts(1);
      const person = this.#context.speaker.memberOf(account);
      this.#accounts.set(person, account);
      people.push(person);
    }
    return people as PeopleOf<Count>;
  }

  /** Opens a room as the first of its members. */
  async room(...members: [Member, Member, ...Member[]]): Promise<ChatRoom> {
    const accounts = members.map((member) => this.#account(member)) as [Account, Account, ...Account[]];
    const channel = await this.#world.privateChannel(...accounts);
    const room = { name: `room-${this.#rooms.size + 1}`, channel, members: accounts };
    const opened = { name: room.name, id: channel.id, destination: channel.destination, members };
    this.#rooms.set(opened, room);
    return opened;
  }

  /**
   * Somebody in a room listens to it over STOMP; resolves when the tab is known to hear everything from now on.
   *
   * @throws TargetError, TimeoutError; HarnessError for who is no member: see `eavesdrop`.
   */
  async tab(who: Member, room: ChatRoom, { at = 0, over = "websocket" }: TabOptions = {}): Promise<Tab> {
    const listened = this.#room(room);
    if (!listened.members.includes(this.#account(who)))
      throw new HarnessError(`Cannot open a tab: ${who.username} is not in ${room.name}; chat.eavesdrop() tries it`);
    return await this.#listen(
      new StompListener(this.#open, {
        ...this.#listening(who, over, at),
        rooms: [listened],
        ownMessages: this.#context.target.system.stomp?.echo !== false,
      }),
    );
  }

  /**
   * Somebody who is not in a room subscribes to its messages. Resolves with what became of it; whatever comes
   * nevertheless is "foreign" in the history. "silent": nothing says that it was taken.
   */
  async eavesdrop(who: Member, room: ChatRoom, { at = 0 }: Place = {}): Promise<"refused" | "accepted" | "silent"> {
    const connection = await this.#world.stomp(this.#account(who), { instance: at });
    const { label: user } = this.#account(who);
    const subscription = `${user} eavesdrops ${++this.#eavesdropCount}`;
    const { destination } = this.#room(room).channel;
    return await eavesdrop(this.#open, connection, {
      subscription,
      user,
      destination,
      place: this.#place(at),
    });
  }

  /**
   * Opens somebody's event stream, where the system announces messages on it (`events.ofMessages`).
   *
   * @throws TargetError, TimeoutError; HarnessError where the system announces none.
   */
  async stream(who: Member, { at = 0 }: Place = {}): Promise<Tab> {
    const { name, events } = this.#context.target.system;
    if (events?.ofMessages === undefined)
      throw new HarnessError(`Cannot open a stream: "${name}" announces no messages on it (events.ofMessages)`);
    const account = this.#account(who);
    const rooms = [...this.#rooms.values()].filter(({ members }) => members.includes(account));
    return await this.#listen(
      new EventListener(this.#open, { ...this.#listening(who, "sse", at), rooms, ownMessages: false }),
    );
  }

  /**
   * Says something in a room: by REST where the system has a way, else by SEND. Resolves, when the target has taken it,
   * with the message's marker. Where nothing is answered with a RECEIPT, what was sent without an ERROR counts as
   * taken.
   *
   * @throws TargetError when it was refused, TimeoutError; both are in the history.
   */
  async say(who: Member, room: ChatRoom, text = "", { at = 0 }: Place = {}): Promise<string> {
    const account = this.#account(who);
    const lane = `${account.label} at ${at}`;
    const before = this.#lanes.get(lane) ?? Promise.resolve();
    const said = before.then(() => this.#say(account, this.#room(room), text, lane, at));
    const settled = said.catch(() => undefined); // whoever says it hears of it
    this.#lanes.set(lane, settled);
    return await said;
  }

  async #say(account: Account, room: Room, text: string, connection: string, at: Where): Promise<string> {
    const { recorder } = this.#open;
    const message = recorder.marker();
    const whole = `${message} ${room.name} ${text}`.trimEnd();
    const transport = this.#context.target.system.features.has("post") ? "rest" : "websocket";
    const place = this.#place(at);
    const [sender, hash] = [account.label, hashOf(whole)];
    recorder.note({ type: "send", message, sender, room: room.name, connection, place, transport, hash });
    try {
      const { id } = await this.#world.post(account, room.channel, whole, { instance: at });
      recorder.note({ type: "acknowledged", message, ...(id === undefined ? {} : { id }) });
      return message;
    } catch (error) {
      if (!(error instanceof TargetError || error instanceof TimeoutError)) throw error;
      const { status = 0, code } = error instanceof TargetError ? error : {};
      const isRefused = code === "unreachable" || (status >= 400 && status < 500);
      recorder.note({ type: isRefused ? "refused" : "unknown", message, because: reasonOf(error) });
      throw error;
    }
  }

  /**
   * Waits until everybody heard what was said, or the deadline is over, hangs up, and reads every room again from every
   * instance. Resolves with all that happened. Nothing can be said afterwards.
   */
  async finish(): Promise<readonly HistoryEvent[]> {
    if (this.#history !== undefined) return this.#history;
    await Promise.all(this.#lanes.values());
    const untilMs = performance.now() + this.#context.baseline.deadlineMs;
    const remainingMs = (): number => Math.max(0, untilMs - performance.now());
    await Promise.all(
      this.#listeners.flatMap((listener) =>
        owedTo(listener, this.#recorder.events).map((message) => listener.hears(message, remainingMs())),
      ),
    );
    // What comes twice comes later than once.
    await this.#world.settle();
    await Promise.all(this.#listeners.map((listener) => listener.stop()));
    await readAll(this.#open, [...this.#rooms.values()], this.#listeners);
    this.#recorder.note({ type: "end" });
    return (this.#history = [...this.#recorder.events]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await Promise.allSettled(this.#listeners.map((listener) => listener.stop()));
    await this.#world[Symbol.asyncDispose]();
    const leftBehind = await cleanUp(this.#context, this.#file);
    await this.#network.close();
    this.#recorder.close();
    if (leftBehind.length > 0)
      process.emitWarning(
        `Rollcall could not delete ${firstOf(leftBehind)}; next: npx rollcall verify --clean ${this.#recorder.run}`,
      );
  }

  get #open(): Scene {
    if (this.#scene === undefined || this.#history !== undefined)
      throw new HarnessError("Cannot go on with a chat that is finished");
    return this.#scene;
  }

  #account(person: Member): Account {
    const account = this.#accounts.get(person);
    if (account === undefined) throw new HarnessError("Cannot find somebody: only who came from chat.people() is here");
    return account;
  }

  #room(opened: ChatRoom): Room {
    const room = this.#rooms.get(opened);
    if (room === undefined) throw new HarnessError("Cannot find a room: only what chat.room() opened is here");
    return room;
  }

  #place(at: Where): string {
    const { places } = this.#open;
    return at === "proxy" ? places.proxy : places.instance(at);
  }

  #listening(who: Member, transport: Transport, at: Where) {
    const account = this.#account(who);
    const name = `${account.label} tab ${this.#listeners.length + 1} (${transport})`;
    return { name, account, transport, place: this.#place(at) };
  }

  async #listen(listener: Listener): Promise<Tab> {
    this.#listeners.push(listener);
    await listener.start();
    return new Tab(listener, this.#context.baseline.deadlineMs);
  }
}

export interface TabOptions extends Place {
  /** Default: "websocket". */
  over?: "websocket" | "sockjs-websocket" | "xhr-streaming" | "xhr-polling";
}

type PeopleOf<Count extends number> = Count extends 1
  ? [Member]
  : Count extends 2
    ? [Member, Member]
    : Count extends 3
      ? [Member, Member, Member]
      : Count extends 4
        ? [Member, Member, Member, Member]
        : Member[];

/** The messages that were taken after somebody was known to listen to their room. */
function owedTo({ options }: Listener, events: readonly HistoryEvent[]): string[] {
  const { name, rooms, account, ownMessages } = options;
  const taken = new Set(events.flatMap((event) => (event.type === "acknowledged" ? [event.message] : [])));
  const from = events.findIndex((event) => event.type === "confirmed" && event.subscription === name);
  return events.slice(from).flatMap((event) => {
    if (event.type !== "send" || !taken.has(event.message)) return [];
    const isHere = rooms.some((room) => room.name === event.room);
    return isHere && (ownMessages || event.sender !== account.label) ? [event.message] : [];
  });
}
