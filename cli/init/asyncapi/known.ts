// What does an AsyncAPI document say of the answers that `rollcall init` needs? Actions are the server's: what it
// receives clients send, what it sends they subscribe to. Where more than one thing could be meant, nothing is taken,
// and what there is stands in a comment.

import { questions, type Answers, type BodyField, type Flags } from "../answers.ts";
import type { AsyncApi, Server, Traffic } from "./document.ts";
import { isField, isPerson, isPersonId, isRoom, isText, kindsOf, leafOf, listed, type Field } from "./fields.ts";

export interface Known {
  flags: Flags;
  extra: Pick<Answers, "heard" | "body" | "action" | "comments">;
  /** One line for each thing that was taken, and for each that was not. */
  lines: string[];
}

type Part = keyof NonNullable<Answers["comments"]>;

/** `taken`: flags of the command line, which come first. */
export function knownOf(document: AsyncApi, taken: Flags): Known {
  const finder = new Finder(document, taken);
  finder.find();
  return finder.known;
}

interface Choice {
  traffic: Traffic;
  /** Of each kind of message. */
  kinds: Field[][];
  texts: Field[];
}

const parametersOf = (address: string): string[] => [...address.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!);

class Finder {
  readonly known: Known = { flags: {}, extra: { comments: {} }, lines: [] };
  readonly #document: AsyncApi;
  readonly #taken: Flags;

  constructor(document: AsyncApi, taken: Flags) {
    this.#document = document;
    this.#taken = taken;
  }

  find(): void {
    this.#name();
    const traffic = this.#asServer(this.#document.traffic);
    const streams = traffic.filter((each) => isStream(each));
    const others = traffic.filter((each) => !isStream(each) && !isForeignTraffic(each));
    const servers = this.#document.servers.filter(({ protocol }) => !isForeign(protocol));
    const isStomp = others.some((each) => each.bindings.includes("stomp") || isDestination(each.address));
    const server = this.#server(servers);
    const isOverStomp = isStomp || servers.some(({ protocol }) => protocol.startsWith("stomp"));
    if (others.length === 0 && streams.length > 0) this.#take("transport", "none", "there are streams of events alone");
    else if (isOverStomp) this.#stomp(others, server);
    else if (servers.some(({ protocol }) => /^wss?$/.test(protocol))) this.#raw(others, server);
    else this.#leave("transport", "no server of it speaks stomp, ws or sse");
    if (traffic.length === 0)
      this.known.lines.push("it says of no channel who sends there: what is said and heard is written as is usual");
    this.#events(streams);
    this.#leave("signUp", "AsyncAPI describes no HTTP requests");
    this.#leave("logIn", "AsyncAPI describes no HTTP requests");
    this.#leave("room", "AsyncAPI describes no HTTP requests");
  }

  /** Spring's prefixes say who sends: where all actions contradict them, they are meant as the client's. */
  #asServer(traffic: readonly Traffic[]): Traffic[] {
    const said = traffic.filter(({ action }) => action === "send");
    const received = traffic.filter(({ action }) => action === "receive");
    const isReversed =
      said.length > 0 &&
      said.every(({ address }) => /^\/(app|pub)\//.test(address)) &&
      received.every(({ address }) => /^\/(topic|queue|sub|user)\//.test(address));
    if (!isReversed) return [...traffic];
    this.known.lines.push(`its actions are the client's, not the server's: "send" goes to ${said[0]!.address}`);
    return traffic.map((each) => ({ ...each, action: each.action === "send" ? "receive" : "send" }));
  }

  #take(key: keyof Flags, value: string, why: string): void {
    if (this.#taken[key] !== undefined) return;
    const question = questions.find((each) => each.key === key)!;
    if (!question.isFine(value)) return this.#leave(key, `${JSON.stringify(value)} is not ${question.wanted}`);
    this.known.flags[key] = value;
    this.known.lines.push(`took ${flagOf(key)} ${value}: ${why}`);
  }

  #leave(key: keyof Flags, why: string, part?: Part): void {
    if (this.#taken[key] !== undefined) return;
    this.known.lines.push(`left ${flagOf(key)}: ${why}`);
    if (part !== undefined) this.known.extra.comments![part] = why;
  }

  #name(): void {
    const name = (this.#document.title ?? "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^[^a-z]+/, "")
      .slice(0, 40)
      .replace(/-+$/, "");
    if (name !== "") this.#take("name", name, "info.title");
  }

  /** The URL, and the path that belongs to it. */
  #server(servers: readonly Server[]): string | undefined {
    const known = servers.flatMap((server) => {
      const address = addressOf(server);
      return address === undefined ? [] : [{ server, ...address }];
    });
    const local = known.filter(({ url }) => /\/\/(localhost|127\.|\[::1\])/.test(url));
    const spoken = (local.length > 0 ? local : known).toSorted(
      (one, other) => rank(one.server.protocol) - rank(other.server.protocol),
    );
    const [first] = spoken;
    if (first === undefined) {
      this.#leave("url", this.#document.servers.length === 0 ? "it names no server" : "it names no such server");
      return undefined;
    }
    const others = known.length - 1;
    const more = others === 0 ? "" : `, one of ${others + 1}: ${known.map(({ url }) => url).join(", ")}`;
    this.#take("url", first.url, `server ${JSON.stringify(first.server.name)}${more}`);
    return first.path;
  }

  #endpoint(path: string | undefined): void {
    if (path === undefined || path === "") this.#leave("endpoint", "its server has no path");
    else this.#take("endpoint", path.replace(/(?<=.)\/websocket$/, ""), "the server's path");
  }

  #stomp(traffic: readonly Traffic[], path: string | undefined): void {
    if (path?.endsWith("/websocket") === true) this.#take("transport", "sockjs", `${path} is SockJS's bare WebSocket`);
    else this.#take("transport", "websocket", "it is STOMP; --transport sockjs, if clients use SockJS, too");
    this.#endpoint(path);
    const prefix = prefixOf(traffic.filter(({ action }) => action === "receive"));
    const heard = this.#choices(traffic, "send").map((choice) => withoutPrefix(choice, prefix));
    const shared = heard.filter(({ traffic: { address } }) => !address.startsWith("/user/"));
    const said = this.#choices(traffic, "receive");
    const hears = chosen(shared);
    this.#destination("destination", "subscribes to", hears, shared);
    const says = chosen(said, hears);
    this.#destination("send", "sends to", says, said);
    this.#payloads(says, hears);
  }

  #destination(key: "destination" | "send", does: string, choice: Choice | undefined, all: readonly Choice[]): void {
    if (choice !== undefined) {
      const { address, channel } = choice.traffic;
      this.#take(key, withRoom(address), `channel ${JSON.stringify(channel)}`);
      return;
    }
    const addresses = [...new Set(all.map(({ traffic: { address } }) => address))];
    const why =
      addresses.length === 0
        ? `it has no channel that a client ${does}`
        : `a client ${does} ${addresses.slice(0, 8).join(", ")}${addresses.length > 8 ? ", …" : ""}`;
    this.#leave(key, why, key);
  }

  /** Which field is the text, and what else is sent with it. */
  #payloads(says: Choice | undefined, hears: Choice | undefined): void {
    if (this.#taken.text !== undefined) return;
    const said = allOf(says?.kinds);
    const heard = allOf(hears?.kinds);
    const [text, other] = textsIn(says?.texts ?? [], hears?.texts ?? []);
    const isNeither = says !== undefined && hears !== undefined && said.length + heard.length > 0;
    if (text !== undefined) {
      this.#take(
        "text",
        text,
        other === undefined || other === text ? "the one text" : `the one text; heard: ${other}`,
      );
      this.known.extra.heard = other ?? text;
      if (other === undefined) this.known.extra.comments!.heard = `what is heard has ${listed(heard)}`;
    } else this.#leave("text", `no field can only be it; said: ${listed(said)}; heard: ${listed(heard)}`, "text");
    if (says === undefined || this.#taken.send !== undefined) return;
    const [parameter] = parametersOf(says.traffic.address).concat(parametersOf(hears?.traffic.address ?? ""));
    const fields = bodyOf(says.kinds[0] ?? [], text, parameter);
    const hasText = (says.texts.length > 0 && hears?.texts.length !== 0) || text !== undefined;
    if (text !== undefined) this.known.extra.body = fields;
    else if (isNeither && !hasText && heard[0] !== undefined) this.#action(says, hears, heard, fields);
  }

  /** No text anywhere: an action that others see. */
  #action(says: Choice, hears: Choice, heard: readonly Field[], fields: readonly BodyField[]): void {
    const { address } = says.traffic;
    const name = /[A-Za-z]\w*(?=\/?$)/.exec(address.replace(/\/\{[^}]*\}/g, ""))?.[0] ?? "act";
    const effect = heard.find(({ path }) => isField(path) && !path.includes("."));
    if (effect === undefined) return;
    this.known.flags.text = "content"; // not asked for
    this.known.extra.action = { name, body: fields, effect: effect.path, isList: effect.type === "array" };
    this.known.lines.push(
      `took the action ${JSON.stringify(name)} in place of texts: ${address} is seen as ${effect.path} on ${hears.traffic.address}`,
    );
  }

  #raw(traffic: readonly Traffic[], path: string | undefined): void {
    this.#take("transport", "raw", "a server of it speaks WebSocket, and nothing in it STOMP");
    const addresses = [...new Set(traffic.map(({ address }) => address))];
    const [address] = addresses;
    const heard = this.#choices(traffic, "send");
    const said = this.#choices(traffic, "receive");
    if (addresses.length === 1 && /^\/?[^\s?#]*$/.test(address!) && parametersOf(address!).length < 2)
      this.#take("endpoint", `${path ?? ""}/${withRoom(address!).replace(/^\//, "")}`, `channel's address ${address!}`);
    else if (addresses.length === 0) this.#endpoint(path);
    else this.#leave("endpoint", `its channels are at ${addresses.slice(0, 8).join(", ")}`, "endpoint");
    this.#payloads(chosen(said), chosen(heard));
  }

  #events(streams: readonly Traffic[]): void {
    const addresses = [...new Set(streams.filter(({ action }) => action === "send").map(({ address }) => address))];
    const [address] = addresses;
    if (addresses.length === 1 && parametersOf(address!).length === 0)
      this.#take("events", address!.startsWith("/") ? address! : `/${address!}`, "the one stream of events");
    else if (addresses.length > 0) this.#leave("events", `its streams are at ${addresses.slice(0, 8).join(", ")}`);
  }

  #choices(traffic: readonly Traffic[], action: Traffic["action"]): Choice[] {
    const byAddress = new Map<string, Choice>();
    for (const each of traffic.filter((each) => each.action === action)) {
      const kinds = kindsOf(each.messages, this.#document.resolve);
      const before = byAddress.get(each.address)?.kinds ?? [];
      const all = [...before, ...kinds];
      byAddress.set(each.address, { traffic: each, kinds: all, texts: allOf(all).filter(isText) });
    }
    return [...byAddress.values()];
  }
}

/** Each path once. */
const allOf = (kinds: readonly Field[][] = []): Field[] => [
  ...new Map(kinds.flat().map((field) => [field.path, field])).values(),
];

const flagOf = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Brokers behind the server are none of the clients'. */
const isForeign = (protocol: string): boolean => !/^(stomps?|wss?|https?|sse|sockjs)$/.test(protocol);

const isForeignTraffic = ({ protocols, bindings }: Traffic): boolean =>
  [protocols, bindings].some((names) => names.length > 0 && names.every(isForeign));

const rank = (protocol: string): number => ["stomp", "stomps", "ws", "wss"].indexOf(protocol) >>> 0;

const isStream = ({ protocols, messages }: Traffic): boolean =>
  (protocols.length > 0 && protocols.every((protocol) => protocol === "sse")) ||
  messages.some(({ contentType }) => contentType?.startsWith("text/event-stream") === true);

const isDestination = (address: string): boolean => /^\/(topic|queue|app|user|exchange|amq|pub|sub)\//.test(address);

/** Springwolf has no path of its own: it stands behind the host. Others write a whole URL there. */
function addressOf({ host, pathname, protocol }: Server): { url: string; path: string } | undefined {
  const [, scheme = protocol, rest = ""] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(host) ?? [];
  const isSecure = /^(wss|https|stomps)$/.test(protocol) || /^(wss|https)$/i.test(scheme);
  const [authority = "", ...below] = rest.split("/");
  const path = `/${[...below, pathname].join("/")}`.replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
  const url = `${isSecure ? "https" : "http"}://${authority}`;
  return authority.includes("{") || !URL.canParse(url) ? undefined : { url, path: path === "/" ? "" : path };
}

/** "/app", where all that clients send goes below it. */
function prefixOf(received: readonly Traffic[]): string | undefined {
  const [first] = received.map(({ address }) => /^\/[^/{}]+(?=\/)/.exec(address)?.[0]);
  const isPrefix = first !== undefined && received.every(({ address }) => address.startsWith(`${first}/`));
  return isPrefix ? first : undefined;
}

/** Springwolf puts the application's prefix before what `@SendTo` names, too, where Spring does not. */
function withoutPrefix(choice: Choice, prefix: string | undefined): Choice {
  const { address } = choice.traffic;
  const isPut = prefix !== undefined && new RegExp(`^${prefix}/(topic|queue|user|sub)/`).test(address);
  return isPut ? { ...choice, traffic: { ...choice.traffic, address: address.slice(prefix.length) } } : choice;
}

/** The one that can be meant: of a room rather than of all, with a text rather than without. */
function chosen(all: readonly Choice[], other?: Choice): Choice | undefined {
  const ofRoom = all.filter(({ traffic: { address } }) => parametersOf(address).length === 1);
  const none = all.filter(({ traffic: { address } }) => parametersOf(address).length === 0);
  // What is sent may name its room in the body.
  const some = ofRoom.length > 0 ? ofRoom : none;
  if (some.length <= 1) return some[0];
  const withText = some.filter(({ texts }) => texts.length > 0);
  if (withText.length === 1) return withText[0];
  const alike = other === undefined ? [] : withText.filter(({ texts }) => isAlike(texts, other.texts));
  return alike.length === 1 ? alike[0] : undefined;
}

const isAlike = (some: readonly Field[], others: readonly Field[]): boolean =>
  some.some(({ path }) => others.some((other) => leafOf(other.path) === leafOf(path)));

/** The text as it is sent and as it is heard: the only one there, or the only one of the same name on both sides. */
function textsIn(said: readonly Field[], heard: readonly Field[]): [said?: string, heard?: string] {
  const pairs = said.flatMap((one) =>
    heard.filter((other) => leafOf(other.path) === leafOf(one.path)).map((other) => [one.path, other.path] as const),
  );
  if (pairs.length === 1) return [...pairs[0]!];
  if (said.length === 1 && heard.length === 1) return [said[0]!.path, heard[0]!.path];
  if (said.length === 1 && heard.length === 0) return [said[0]!.path];
  return [];
}

const withRoom = (address: string): string => address.replace(/\{[^}]+\}/g, "{room}");

/** What can be filled in; what cannot and has to be there is filled with something of its type. */
function bodyOf(fields: readonly Field[], text: string | undefined, parameter: string | undefined): BodyField[] {
  return fields
    .filter(({ type, path }) => type !== "object" && isField(path))
    .flatMap((field): BodyField[] => {
      const { path, type, isRequired, isFixed, value } = field;
      if (path === text) return [{ path, is: "text" }];
      if (isRoom(field, parameter)) return [{ path, is: /integer|number/.test(type) ? "room number" : "room" }];
      if (isPerson(field)) return [{ path, is: "username" }];
      if (isPersonId(field)) return [{ path, is: "id" }];
      if (isFixed && value !== undefined) return isRequired ? [{ path, is: { value } }] : [];
      if (type === "boolean") return [{ path, is: { value: true } }];
      if (!isRequired) return [];
      return [{ path, is: { value: type === "string" ? "" : type === "array" ? [] : 1 } }];
    });
}
