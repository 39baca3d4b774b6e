// Who says something over STOMP is heard, and what was heard is read as the definition reads it.

import { headerOf, type StompFrame } from "../../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../../drivers/errors.ts";
import type { StompConnection, Subscription } from "../../drivers/stomp.ts";
import type { Action } from "../../systems/types.ts";
import type { Account } from "../account-pool.ts";
import { holds } from "../text.ts";
import type { World } from "../world.ts";
import { given, parsed, placeIn, shown, Wrong, type Stage, type Trial } from "./trial.ts";

/** A server that answers a SUBSCRIBE with a RECEIPT, or an ERROR, does so at once. */
const answerWaitMs = 1_500;

export function stompTrials(world: World): Trial[] {
  const { stomp, actions = {} } = world.system;
  if (stomp === undefined) return [];
  const live = ["stomp.destinations"];
  const heard = [...live, stomp.send === undefined ? "post" : "stomp.send"];
  const trials: (Trial | false)[] = [
    { name: "stomp.url", rests: ["rooms.open"], work: openEndpoint },
    { name: "stomp.connect", rests: ["rooms.open", "stomp.url"], work: connectBoth },
    { name: "stomp.destinations", rests: ["rooms.open", "stomp.connect"], work: subscribe },
    stomp.send !== undefined && { name: "stomp.send", rests: live, work: sendAndHear },
    stomp.send === undefined &&
      world.system.post !== undefined && { name: "post", rests: live, work: (stage) => postAndHear(stage) },
    stomp.textOf !== undefined && { name: "stomp.textOf", rests: heard, work: readText },
    stomp.idOf !== undefined && { name: "stomp.idOf", rests: heard, work: readId },
    stomp.isFrom !== undefined && { name: "stomp.isFrom", rests: heard, work: readSender },
    ...Object.entries(actions).map(([name, action]) => ({
      name: `actions.${name}`,
      rests: live,
      work: (stage: Stage) => act(stage, name, action),
    })),
  ];
  return trials.filter((trial) => trial !== false);
}

async function openEndpoint({ world, people: [owner] }: Stage): Promise<string> {
  const { transports = ["websocket"] } = world.system.stomp!;
  const headers = world.speaker.handshakeHeaders(owner!);
  try {
    (await world.transport({ headers })).close();
    return `${world.webSocketUrl()} is a WebSocket`;
  } catch (error) {
    if (!(error instanceof TargetError) || transports.includes("sockjs") || error.code !== "refused") throw error;
    const { status } = await world.stranger().request("GET", `${new URL(world.stompUrl()).pathname}/info`);
    if (status !== 200) throw error;
    throw new Wrong(`${error.message}; SockJS is there: transports: ["sockjs"]`, { cause: error });
  }
}

async function connectBoth(stage: Stage): Promise<string> {
  const { world, people } = stage;
  const [owner, member] = people as [Account, Account];
  stage.owner = await world.stomp(owner);
  stage.member = await world.stomp(member);
  const [frame] = stage.owner.frames("CONNECTED");
  return `CONNECTED, version ${headerOf(frame!, "version") ?? "1.0"}`;
}

async function subscribe(stage: Stage): Promise<string> {
  const { world, room, owner } = stage;
  const { destination } = room!;
  const id = owner!.nextId("sub");
  const headers = { id, destination, ...owner!.subscribeHeadersOf(destination), receipt: "tryout" };
  owner!.sendFrame("SUBSCRIBE", headers);
  const subscription = owner!.subscription(id, destination);
  try {
    const isAnswer = ({ command }: StompFrame): boolean => command === "RECEIPT" || command === "ERROR";
    const answer = await owner!.inbox.awaitItem("an answer to SUBSCRIBE", isAnswer, answerWaitMs);
    if (answer.command === "ERROR")
      throw new Wrong(
        `SUBSCRIBE ${destination} was answered with ERROR ${shown(headerOf(answer, "message") ?? answer.body)}`,
      );
    stage.subscription = subscription;
    return `${destination}, with a RECEIPT`;
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    stage.subscription = subscription;
    const more = given("stomp.destinations", () => world.system.stomp!.destinations(room!.room)).length - 1;
    return `${destination}${more > 0 ? ` and ${more} more` : ""}; no RECEIPT came`;
  }
}

/** Says something until it is heard: without receipts nobody knows since when a subscription is live. */
async function awaitHeard(
  { world, deadlineMs, subscription }: Stage,
  say: (text: string) => Promise<void> | void,
): Promise<Stage["heard"]> {
  const startMs = performance.now();
  for (let attempt = 0; ; attempt++) {
    const text = world.marker("tryout");
    await say(text);
    const waitMs = Math.min(deadlineMs, 500 * 2 ** attempt);
    try {
      const isIt = ({ body }: StompFrame): boolean => holds(body, text);
      return { frame: await subscription!.awaitMessage("a message", isIt, waitMs), text };
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      if (performance.now() - startMs > deadlineMs) return undefined;
    }
  }
}

async function sendAndHear(stage: Stage): Promise<string> {
  const { world, room, people, member, subscription, deadlineMs } = stage;
  const sender = people[1]!;
  const { destination } = world.speaker.sendOf(sender, room!.room, "");
  let last = "";
  stage.heard = await awaitHeard(stage, (text) => {
    refuseErrors(member!, destination);
    world.sendMessage(member!, sender, room!, (last = text));
  });
  if (stage.heard !== undefined) return `what was sent to ${destination} was heard on ${subscription!.destination}`;
  refuseErrors(member!, destination);
  const said = `a SEND to ${destination} was not heard on ${subscription!.destination} within ${deadlineMs / 1_000} s`;
  if (await isStored(stage, last))
    throw new Wrong(`${said}, and the history has it: that is not where messages are heard`, {
      blamed: "stomp.destinations",
    });
  const others = subscription!.messages().map(({ body }) => body);
  if (others.length > 0) throw new Wrong(`${said}; what came has not its text: ${shown(others.at(-1))}`);
  if (world.system.post !== undefined) {
    stage.heard = await awaitHeard(stage, async (text) => void (await world.speaker.post(sender, room!.room, text)));
    if (stage.heard !== undefined) throw new Wrong(`${said}, and what was posted is: that is not where one sends to`);
  }
  throw new Wrong(`${said}: is that where one sends to, and the other where one hears (stomp.destinations)?`);
}

async function isStored({ world, people: [owner], room }: Stage, text: string): Promise<boolean> {
  if (world.system.history === undefined) return false;
  try {
    return (await world.speaker.history(owner!, room!.room)).some((stored) => stored.text === text);
  } catch {
    return false; // its own trial says what is wrong with it
  }
}

/** A server that refuses a SEND says so, or hangs up. */
function refuseErrors(connection: StompConnection, destination: string): void {
  const [error] = connection.frames("ERROR");
  if (error !== undefined)
    throw new Wrong(
      `a SEND to ${destination} was answered with ERROR ${shown(headerOf(error, "message") ?? error.body)}`,
    );
  if (connection.closeInfo !== undefined)
    throw new Wrong(`after a SEND to ${destination} the connection was closed with ${connection.closeInfo.code}`);
}

async function postAndHear(stage: Stage): Promise<string> {
  const { world, room, people, subscription, deadlineMs } = stage;
  stage.heard = await awaitHeard(stage, async (text) => {
    await world.speaker.post(people[1]!, room!.room, text);
  });
  if (stage.heard !== undefined) return `what was posted was heard on ${subscription!.destination}`;
  const others = subscription!.messages().map(({ body }) => body);
  const came = others.length === 0 ? "" : `; what came has not its text: ${shown(others.at(-1))}`;
  throw new Wrong(
    `what was posted was not heard on ${subscription!.destination} within ${deadlineMs / 1_000} s${came}`,
    others.length === 0 ? { blamed: "stomp.destinations" } : {},
  );
}

async function readText({ world, heard, deadlineMs }: Stage): Promise<string> {
  if (heard === undefined) throw new Wrong(`nothing was heard within ${deadlineMs} ms`);
  const message = parsed(heard.frame.body);
  const text = given("stomp.textOf", () => world.system.stomp!.textOf!(message));
  if (text === heard.text) return shown(text);
  const place = placeIn(message, heard.text);
  const hint = place === undefined ? "" : `; the text is at message${place}`;
  throw new Wrong(`it gives ${shown(text)} for ${shown(message)}${hint}`);
}

async function readId({ world, heard }: Stage): Promise<string> {
  const message = parsed(heard!.frame.body);
  const id = given("stomp.idOf", () => world.system.stomp!.idOf!(message));
  if (typeof id === "string" || typeof id === "number") return shown(id);
  throw new Wrong(`it gives ${shown(id)} for ${shown(message)}`);
}

async function readSender({ world, heard, people, room }: Stage): Promise<string> {
  const message = parsed(heard!.frame.body);
  const from = { account: world.speaker.memberOf(people[1]!), room: room!.room };
  if (given("stomp.isFrom", () => world.system.stomp!.isFrom!(message, from))) return "true";
  throw new Wrong(`it gives false for what ${from.account.username} said in room ${room!.id}: ${shown(message)}`);
}

/** To where an action's effects are heard, and messages are not; live as far as a RECEIPT says so. */
async function subscribeFor({ world, room, owner }: Stage, name: string): Promise<Subscription> {
  const destination = given(`actions.${name}.destinations`, () => world.speaker.effectDestination(name, room!.room));
  const id = owner!.nextId("sub");
  owner!.sendFrame("SUBSCRIBE", { id, destination, ...owner!.subscribeHeadersOf(destination), receipt: id });
  const isReceipt = (frame: StompFrame): boolean => headerOf(frame, "receipt-id") === id;
  await owner!.inbox.awaitItem("an answer to SUBSCRIBE", isReceipt, answerWaitMs).catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
  });
  return owner!.subscription(id, destination);
}

async function act(stage: Stage, name: string, action: Action): Promise<string> {
  const { world, people, room, member, subscription, deadlineMs } = stage;
  const actor = world.speaker.memberOf(people[1]!);
  const heardOn = action.destinations === undefined ? subscription! : await subscribeFor(stage, name);
  const before = heardOn.messages().length;
  const fresh = (): StompFrame[] => heardOn.messages().slice(before);
  const send = (destination: string, body: unknown, headers: Record<string, string> = {}): void =>
    member!.sendFrame("SEND", { destination, ...headers }, typeof body === "string" ? body : JSON.stringify(body));
  await Promise.resolve(given(`actions.${name}.act`, () => action.act(actor, room!.room, { send })));
  const isEffect = ({ body }: StompFrame): boolean =>
    given(`actions.${name}.isEffect`, () => action.isEffect(parsed(body)));
  try {
    const isNew = (frame: StompFrame): boolean => fresh().includes(frame) && isEffect(frame);
    const { body } = await heardOn.awaitMessage("an effect", isNew, deadlineMs);
    return `its effect was heard: ${shown(parsed(body))}`;
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    const others = fresh().map(({ body }) => body);
    const blamed = `actions.${name}.${others.length > 0 ? "isEffect" : "act"}`;
    throw new Wrong(
      others.length > 0
        ? `it gives false for ${shown(parsed(others.at(-1)!))}`
        : `nothing was heard on ${heardOn.destination} within ${deadlineMs / 1_000} s`,
      { blamed, cause: error },
    );
  }
}
