// One function of a definition, tried: what it rests on, and what it got.

import type { StompConnection, Subscription } from "../../drivers/stomp.ts";
import type { Timed } from "../../drivers/inbox.ts";
import type { StompFrame } from "../../drivers/codecs/stomp.ts";
import type { Account } from "../account-pool.ts";
import type { Channel } from "../rooms.ts";
import type { World } from "../world.ts";
import { cutAt } from "../../drivers/quoted.ts";

/** What the trials so far made. */
export interface Stage {
  world: World;
  /** The owner of the room, a member, and where somebody joins later a third one. */
  people: Account[];
  room?: Channel;
  owner?: StompConnection;
  member?: StompConnection;
  /** The owner's. */
  subscription?: Subscription;
  /** What the owner heard of what the member said. */
  heard?: { frame: Timed<StompFrame>; text: string } | undefined;
  /** How long what should come may take. */
  deadlineMs: number;
}

export interface Trial {
  name: string;
  /** Trials that must have gone well. */
  rests?: readonly string[];
  /** Resolves with what it got, for people. Throws Wrong, or what any driver throws. */
  work: (stage: Stage) => Promise<string>;
}

/** A function works, and what it gives is not what it is for. */
export class Wrong extends Error {
  override readonly name = "Wrong";
  /** The function that is to blame, where it is not the one that was tried. */
  readonly blamed: string | undefined;

  constructor(message: string, { blamed, ...options }: ErrorOptions & { blamed?: string } = {}) {
    super(message, options);
    this.blamed = blamed;
  }
}

/** Calls a function of the definition that gives its value at once. Throws Wrong where it throws. */
export function given<T>(name: string, give: () => T): T {
  try {
    return give();
  } catch (error) {
    throw new Wrong(`it threw ${String(error)}`, { blamed: name, cause: error });
  }
}

const shownMax = 160;

/** A value in so many words. */
export function shown(value: unknown): string {
  return cutAt(JSON.stringify(value) ?? String(value), shownMax);
}

/** Where in a value of JSON this text stands, as one writes it behind the value's name: ".data.content". */
export function placeIn(value: unknown, text: string): string | undefined {
  if (value === text) return "";
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const below = placeIn(item, text);
    if (below !== undefined)
      return `${Array.isArray(value) ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`}${below}`;
  }
  return undefined;
}

export const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return body; // no JSON: then it is a text
  }
};
