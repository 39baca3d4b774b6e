// Proofs of contract/shared/raw.ts: rooms over bare WebSocket JSON.

import type { raw as area } from "../../../contract/shared/raw.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { awaitHearing, seatAll, takeSeat, type Seat } from "../../../runner/raw-rooms.ts";
import type { Channel } from "../../../runner/rooms.ts";
import { own, step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";

/** Three sockets in a room, of two people: one has two tabs. */
async function roomOfThree(world: World) {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const [speaker, listener, tab] = await seatAll(world, channel, [alice, bob, bob]);
  return { alice, bob, channel, speaker, listener, tab };
}

/** `speaker` says these, and a fence behind them that each listener has heard. */
async function say(world: World, speaker: Seat, listeners: readonly Seat[], markers: readonly string[]): Promise<void> {
  const fence = world.marker("fence");
  for (const marker of [...markers, fence]) speaker.say(marker);
  await Promise.all(listeners.map((listener) => listener.hear(fence)));
  await world.settle();
}

const markersOf = (world: World, count: number): string[] => Array.from({ length: count }, () => world.marker());

/** Where something did not come once, it says how often. */
function claimOnce(listener: Seat, markers: readonly string[], what: string): void {
  const counts = markers.map((marker) => listener.count(marker));
  const wrong = counts.filter((count) => count !== 1);
  claim(
    wrong.length === 0,
    `of ${markers.length} ${what} ${wrong.length} came ${[...new Set(wrong)].join(" or ")} times`,
  );
}

/** All of them, and not a fence behind them: where order is not kept, that says nothing. */
const hearAll = (listener: Seat, markers: readonly string[]): Promise<unknown> =>
  own("hear in a raw room", () => Promise.all(markers.map((marker) => listener.hear(marker))));

/** The room goes on, which it did before: the next message is heard once by each. */
async function goesOn(world: World, speaker: Seat, listeners: readonly Seat[], after: string): Promise<void> {
  const [marker] = markersOf(world, 1);
  speaker.say(marker!);
  for (const listener of listeners) await hearAll(listener, [marker!]);
  await world.settle();
  for (const listener of listeners) claimOnce(listener, [marker!], `messages after ${after}`);
}

/** Bodies that say this and are none. */
function malformedOf(seat: Seat, secret: string): string[] {
  const whole = seat.messageOf(secret);
  return [whole.slice(0, -1), secret, JSON.stringify(secret), JSON.stringify([secret]), "null", "", "{}"];
}

/** One says on `from`, one hears on `to`. */
async function crosses(world: World, [alice, bob]: [Account, Account], channel: Channel, from: number, to: number) {
  const speaker = await takeSeat(world, alice, channel, from);
  const listener = await takeSeat(world, bob, channel, to);
  await awaitHearing(world, speaker, listener);
  await goesOn(world, speaker, [listener], `the room was entered on instances ${from + 1} and ${to + 1}`);
}

export const raw: Proofs<typeof area> = {
  "raw.others-hear-once": async (world) => {
    const { speaker, listener, tab } = await own("hear in a raw room", () =>
      own("connect to a raw room", () => roomOfThree(world)),
    );
    const markers = markersOf(world, 3);
    await own("hear in a raw room", () => say(world, speaker, [listener, tab], markers));
    for (const seat of [listener, tab]) claimOnce(seat, markers, "messages");
  },

  "raw.echo-as-defined": async (world) => {
    const { speaker, listener, tab } = await roomOfThree(world);
    const markers = markersOf(world, 3);
    await say(world, speaker, [listener, tab], markers);
    // The room's answer is the fence: the speaker hears it behind whatever else it hears.
    await say(world, listener, [speaker], []);
    const wanted = world.system.websocket?.echo === true ? 1 : 0;
    const counts = markers.map((marker) => speaker.count(marker));
    claim(
      counts.every((count) => count === wanted),
      `whoever said three messages heard them ${counts.join(", ")} times, not ${wanted}`,
    );
  },

  "raw.other-rooms-are-silent": async (world) => {
    const { alice, bob, speaker, listener, tab } = await roomOfThree(world);
    const other = await world.privateChannel(alice, bob);
    const [asker, elsewhere] = await seatAll(world, other, [bob, alice]);
    const markers = markersOf(world, 3);
    await say(world, speaker, [listener, tab], markers);
    await goesOn(world, asker, [elsewhere], "something was said in another room");
    const leaked = markers.filter((marker) => elsewhere.count(marker) > 0);
    claim(leaked.length === 0, `of three messages ${leaked.length} were heard in another room`);
  },

  "raw.text-is-intact": async (world) => {
    const { speaker, listener, tab } = await roomOfThree(world);
    const texts = ["안녕하세요 ", "🙂👩‍👩‍👧 ", 'quote " and \\ ', "two\nlines\tand a tab ", "x".repeat(450)].map(
      (text) => `${world.marker()}${text}${world.marker("end")}`,
    );
    await say(world, speaker, [listener, tab], texts);
    for (const seat of [listener, tab]) {
      const heard = new Set(seat.texts());
      const lost = texts.find((text) => !heard.has(text));
      claim(lost === undefined, `what was said is not what was heard: ${JSON.stringify(lost)}`);
    }
  },

  "raw.burst-is-complete": async (world) => {
    const { speaker, listener, tab } = await roomOfThree(world);
    const markers = markersOf(world, 50);
    for (const marker of markers) speaker.say(marker);
    for (const seat of [listener, tab]) await hearAll(seat, markers);
    await world.settle();
    for (const seat of [listener, tab]) claimOnce(seat, markers, "messages of a burst");
  },

  "raw.burst-is-in-order": async (world) => {
    const { speaker, listener, tab } = await roomOfThree(world);
    const markers = markersOf(world, 50);
    for (const marker of markers) speaker.say(marker);
    for (const seat of [listener, tab]) {
      await step("hear a burst in a raw room", () => hearAll(seat, markers));
      const heard = [...new Set(seat.texts().filter((text) => markers.includes(text)))];
      const at = heard.findIndex((text, index) => text !== markers[index]);
      claim(at === -1, `message ${at + 1} of a burst came out of order`);
    }
  },

  "raw.many-at-once": async (world) => {
    const { speaker, listener, tab } = await roomOfThree(world);
    const seats = [speaker, listener, tab];
    const said = seats.map(() => markersOf(world, 20));
    for (let round = 0; round < 20; round++) for (const [at, seat] of seats.entries()) seat.say(said[at]![round]!);
    for (const [at, seat] of seats.entries()) {
      const others = said.filter((_, index) => index !== at).flat();
      await hearAll(seat, others);
      await world.settle();
      claimOnce(seat, others, "messages of several at once");
      const whole = new Set(seat.texts());
      claim(
        others.every((marker) => whole.has(marker)),
        "a message that came while others did is not what was said",
      );
    }
  },

  "raw.leavers-harm-nobody": async (world) => {
    const { bob, channel, speaker, listener, tab } = await roomOfThree(world);
    const last = await takeSeat(world, bob, channel);
    await awaitHearing(world, speaker, last);
    tab.socket.transport.close();
    await tab.socket.closed;
    await goesOn(world, speaker, [listener, last], "a socket closed");
    last.socket.transport.terminate();
    await goesOn(world, speaker, [listener], "a socket was cut");
    await goesOn(world, listener, [speaker], "a socket was cut");
  },

  "raw.bad-json-disturbs-nobody": async (world) => {
    const { bob, alice, channel, speaker, listener, tab } = await roomOfThree(world);
    const secret = world.marker("bad");
    for (const body of malformedOf(speaker, secret)) {
      // Each on a socket of its own: it may be closed for it.
      const sender = await takeSeat(world, alice, channel);
      sender.socket.send(body);
      sender.socket.transport.close();
      await sender.socket.closed;
    }
    await goesOn(world, speaker, [listener, tab], "malformed ones");
    const newcomer = await takeSeat(world, bob, channel);
    await awaitHearing(world, speaker, newcomer);
    for (const seat of [listener, tab]) claim(seat.count(secret) === 0, "what is no message was heard");
  },

  "raw.bad-json-keeps-the-socket": async (world) => {
    const { speaker, listener, tab } = await roomOfThree(world);
    speaker.socket.send('{"roomId":');
    await goesOn(world, listener, [tab], "malformed JSON");
    claim(speaker.socket.inbox.ended === undefined, `malformed JSON: the socket ${speaker.socket.inbox.ended}`);
    await goesOn(world, speaker, [listener, tab], "malformed JSON");
    await goesOn(world, listener, [speaker], "malformed JSON");
  },

  "raw.crosses": async (world) => {
    const [alice, bob] = await world.accounts(2);
    for (const [from, to] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const channel = await world.privateChannel(alice, bob);
      await own("hear in a raw room", () => crosses(world, [alice, bob], channel, from, to));
    }
  },
};
