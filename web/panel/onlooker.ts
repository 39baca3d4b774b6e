// Who looks on, and what is open? Somebody whom the definition signs up, logs in or lets in as a guest; then one room at
// a time, heard over each of the system's transports. What rooms there are says the definition, or the user an id.

import { TargetError } from "../../drivers/errors.ts";
import type { System } from "../../systems/define.ts";
import type { Account, Room, Who } from "../../systems/types.ts";
import type { Journal, Kind } from "../journal.ts";
import { Source } from "../source.ts";
import { PageClient } from "./http.ts";
import { hearEvents, hearSocket, hearStomp, type Ear, type Link, type Listening } from "./listening.ts";

export type NamedRoom = Room & { name?: string | null | undefined };
/** By the names of transports. */
type Links = ReadonlyMap<string, Link>;

/** What the user says who it is. */
export type Named = Partial<Who> & { token?: string };

/** What somebody is asked who wants to look on. */
export function fieldsOf({ accounts }: System): readonly (keyof Named)[] {
  if (accounts?.signUp !== undefined) return ["username", "email", "password"];
  if (accounts?.listed !== undefined) return ["username", "password"];
  return accounts?.logIn === undefined ? [] : ["token"];
}

/** What the journal may show of a system. */
export const kindsOf = ({ stomp, websocket, events }: System): Kind[] => [
  ...(stomp === undefined ? [] : (["stomp"] as const)),
  ...(websocket === undefined ? [] : (["socket"] as const)),
  ...(events === undefined ? [] : (["event"] as const)),
  "rest",
];

function newWho(): Who {
  const name = `onlooker-${crypto.randomUUID().slice(0, 8)}`;
  return { username: name, email: `${name}@example.com`, password: `Aa1!${crypto.randomUUID()}` };
}

export class Onlooker {
  readonly changes = new Source();
  readonly system: System;
  readonly #journal: Journal;
  account: Account | undefined;
  rooms: readonly NamedRoom[] = [];
  room: NamedRoom | undefined;
  links: Links = new Map();
  #hasJoined = false;
  readonly #ofAccount: Listening[] = [];
  readonly #ofRoom: Listening[] = [];

  constructor(system: System, journal: Journal) {
    this.system = system;
    this.#journal = journal;
  }

  /** Whether the definition can say which rooms there are. */
  get listsRooms(): boolean {
    return this.system.rooms?.list !== undefined;
  }

  /** Whether only members hear what is said, and somebody can become one. */
  get mayJoin(): boolean {
    const { rooms } = this.system;
    return rooms?.access === "members" && rooms.join !== undefined;
  }

  async signUp(): Promise<void> {
    const who = newWho();
    const { http } = new PageClient(this.#journal);
    const made = (await this.system.accounts?.signUp?.(http, who)) as { id?: unknown } | undefined;
    const id = typeof made?.id === "string" || typeof made?.id === "number" ? made.id : undefined;
    await this.logIn(who, id);
  }

  /** With a token nobody is asked for one. */
  async logIn({ token = "", ...named }: Named, id?: string | number): Promise<void> {
    const { accounts, events } = this.system;
    const client = new PageClient(this.#journal);
    const who = { ...newWho(), ...named };
    const account: Account = { ...who, id, http: client.http };
    Object.assign(account, await accounts?.guest?.(client.http, who));
    const credential =
      token === "" ? await accounts?.logIn?.(client.http, { ...who, id: account.id }) : { bearer: token };
    if (credential !== undefined) {
      client.accept(credential);
      account.bearer = credential.bearer;
      account.id ??= credential.id;
    }
    this.account = account;
    if (events !== undefined) this.#hear("SSE", this.#ofAccount, (ear) => hearEvents(events, account, ear));
    this.changes.changed();
    await this.look();
  }

  async look(): Promise<void> {
    if (this.account !== undefined) this.rooms = (await this.system.rooms?.list?.(this.account)) ?? [];
    this.changes.changed();
  }

  /** `join`: becomes a member first, who leaves with the room. */
  async open(room: NamedRoom, join: boolean): Promise<void> {
    await this.leave();
    const { account, system } = this;
    if (account === undefined) return;
    if (join) await this.#join(account, room);
    this.room = room;
    const { stomp, websocket, presence } = system;
    const to = { account, room };
    if (stomp !== undefined) this.#hear("STOMP", this.#ofRoom, (ear) => hearStomp({ stomp, presence }, to, ear));
    if (websocket !== undefined) this.#hear("WebSocket", this.#ofRoom, (ear) => hearSocket(websocket, to, ear));
    this.changes.changed();
  }

  async leave(): Promise<void> {
    const { account, room } = this;
    this.#close(this.#ofRoom);
    this.room = undefined;
    this.changes.changed();
    if (this.#hasJoined && account !== undefined && room !== undefined) await this.system.rooms?.leave?.(account, room);
    this.#hasJoined = false;
  }

  /** Somebody else may look on. */
  async logOut(): Promise<void> {
    const { account } = this;
    const left = this.leave();
    this.#close(this.#ofAccount);
    this.account = undefined;
    this.rooms = [];
    this.changes.changed();
    await left;
    if (account !== undefined) await this.system.accounts?.logOut?.(account.http, account);
  }

  async #join(account: Account, room: Room): Promise<void> {
    try {
      await this.system.rooms?.join?.(account, room);
      this.#hasJoined = true;
    } catch (error) {
      // Who is a member already stays one.
      if (!(error instanceof TargetError) || error.status !== 409) throw error;
    }
  }

  /** Of what was closed nothing is heard any more. */
  #hear(name: string, among: Listening[], begin: (ear: Ear) => Listening): void {
    let isOpen = true;
    const show = (link: Link | undefined): void => {
      const links = new Map(this.links);
      if (link === undefined) links.delete(name);
      else links.set(name, link);
      this.links = links;
      this.changes.changed();
    };
    const listening = begin({ journal: this.#journal, onLink: (link) => (isOpen ? show(link) : undefined) });
    const close = (): void => {
      isOpen = false;
      listening.close();
      show(undefined);
    };
    among.push({ close });
  }

  #close(open: Listening[]): void {
    for (const one of open.splice(0)) one.close();
  }
}
