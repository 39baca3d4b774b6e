// What went over the wire? The last frames, events and requests of this tab, for the panel "On the wire". Tokens and
// passwords are not kept. Terms: age – how long ago the server made what arrives: from `createdAt`, or from an id of
// version 7, which holds its time.

export type Way = "in" | "out";
/** `socket`: what goes over a WebSocket without STOMP. */
export type Kind = "stomp" | "socket" | "event" | "rest";

export interface Entry {
  number: number;
  atMs: number;
  way: Way;
  kind: Kind;
  title: string;
  /** Of the message, event or request. */
  id: string;
  instance: string;
  ageMs: number | undefined;
  text: string;
}

export interface Frame {
  command: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

const entriesMax = 400;
const textMax = 4_000;
/** More than a line shows; the style cuts it. */
const titleMax = 200;

/** A frame as STOMP 1.2 writes it; undefined: a heart-beat. */
export function frameOf(text: string): Frame | undefined {
  if (text.trim() === "") return undefined;
  const [head = "", ...rest] = text.replaceAll("\r\n", "\n").split("\n\n");
  const [command = "", ...lines] = head.trimStart().split("\n");
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf(":");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return { command, headers: Object.fromEntries(pairs), body: rest.join("\n\n").replace(/\0\n*$/, "") };
}

const withoutSecrets = (text: string): string =>
  text
    .replaceAll(/(Authorization: ?)(Bearer )?[^\n]+/gi, "$1$2…")
    .replaceAll(/^(passcode:)[^\n]+/gm, "$1…")
    .replaceAll(/("(?:password|accessToken)":")[^"]*/g, "$1…");

/** The time in a UUID of version 7. */
export function timeOfId(id: string): number | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(id)) return undefined;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

export function ageOf(nowMs: number, id: string, body: string): number | undefined {
  const created = /"createdAt":"([^"]+)"/.exec(body)?.[1];
  const madeAtMs = created === undefined ? timeOfId(id) : Date.parse(created);
  return madeAtMs === undefined || Number.isNaN(madeAtMs) ? undefined : Math.max(0, nowMs - madeAtMs);
}

export class Journal {
  entries: readonly Entry[] = [];
  #count = 0;
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  note(entry: Omit<Entry, "number" | "atMs">): void {
    this.#count += 1;
    const text = withoutSecrets(entry.text).slice(0, textMax);
    const whole = { ...entry, text, number: this.#count, atMs: Date.now() };
    this.entries = [...this.entries.slice(-(entriesMax - 1)), whole];
    this.#onChange();
  }

  noteFrame(way: Way, text: string, transport: string): void {
    const frame = frameOf(text);
    if (frame === undefined)
      return this.note({ way, kind: "stomp", title: "♥", id: "", instance: transport, ageMs: undefined, text: "" });
    const { command, headers, body } = frame;
    const id = headers["message-id"] ?? headers["receipt-id"] ?? headers["receipt"] ?? headers["id"] ?? "";
    const title = [command, headers["destination"]].filter(Boolean).join(" ");
    const ageMs = way === "in" && command === "MESSAGE" ? ageOf(Date.now(), id, body) : undefined;
    this.note({ way, kind: "stomp", title, id, instance: transport, ageMs, text: text.replace(/\0\n*$/, "") });
  }

  /** A frame of a WebSocket without STOMP. */
  noteText(way: Way, text: string, transport: string): void {
    const id = way === "in" ? (/"id":"?([\w-]+)/.exec(text)?.[1] ?? "") : "";
    const ageMs = way === "in" ? ageOf(Date.now(), id, text) : undefined;
    this.note({ way, kind: "socket", title: text.slice(0, titleMax), id, instance: transport, ageMs, text });
  }

  noteEvent(name: string, id: string, data: string, instance: string): void {
    const ageMs = ageOf(Date.now(), id, "");
    this.note({ way: "in", kind: "event", title: name, id, instance, ageMs, text: data });
  }

  clear(): void {
    this.entries = [];
    this.#onChange();
  }
}

export interface Wanted {
  kinds: ReadonlySet<Kind>;
  heartBeats: boolean;
  text: string;
}

/** Newest first. */
export function chosen(entries: readonly Entry[], { kinds, heartBeats, text }: Wanted): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (entry: Entry): boolean => {
    const all = `${entry.title} ${entry.id} ${entry.instance} ${entry.text}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  return entries
    .filter((entry) => kinds.has(entry.kind) && (heartBeats || entry.title !== "♥") && has(entry))
    .toReversed();
}
