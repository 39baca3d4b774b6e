// How many STOMP connections does a deployment hold while a message a second is fanned out, and does every one arrive,
// once, in order? Shape: sockets ramp up evenly, subscribe to one of a few rooms, hold; then one publisher sends a
// message a second, rooms in turn. VUs share nothing, so each counts what it knows and `rollcall load` adds it up: the
// publisher which messages were acknowledged (by a RECEIPT, or where there are none by hearing them), the listeners how many subscribed to a room and how many heard
// each message. An acknowledged message is expected on every subscribed socket of its room, whatever became of socket
// or publisher. Run by `rollcall load connections`, which prepares accounts and rooms and passes them in a file (PLAN).

import { scenario } from "k6/execution";
import { Counter, Gauge, Trend } from "k6/metrics";
import { WebSocket } from "k6/websockets";
import { encodeFrame, headerOf, StompParser, type StompFrame } from "../../drivers/codecs/stomp.ts";

/** What `rollcall load` prepared. Times in seconds from the start of the run. */
interface Plan {
  webSocketUrls: string[];
  connections: number;
  socketsPerVu: number;
  rampSeconds: number;
  holdSeconds: number;
  /** Without RECEIPT frames a message is taken when its sender hears it. */
  receipts: boolean;
  /** One for each VU. */
  listeners: Person[];
  /** One, with a SEND to each room with `@@` in place of the text. */
  publishers: [Person & { sends: { destination: string; headers: Record<string, string>; body: string }[] }];
  /** Where each is heard. */
  rooms: { destination: string }[];
  p99Ms: number;
}

/** The headers of its handshake and of CONNECT, and the rooms that it may hear with the headers of SUBSCRIBE there. */
interface Person {
  handshake: Record<string, string>;
  connect: Record<string, string>;
  rooms: { room: number; headers: Record<string, string> }[];
}

const plan = JSON.parse(open(__ENV["PLAN"]!)) as Plan;
const vuCount = Math.ceil(plan.connections / plan.socketsPerVu);

const opened = new Counter("rollcall_opened");
const refused = new Counter("rollcall_refused");
const dropped = new Counter("rollcall_dropped");
const published = new Counter("rollcall_published");
const unknown = new Counter("rollcall_unknown");
const duplicate = new Counter("rollcall_duplicate");
const reordered = new Counter("rollcall_reordered");
const foreign = new Counter("rollcall_foreign");
const subscribed = new Gauge("rollcall_subscribed");
const latencyMs = new Trend("rollcall_delivery_ms");

/** Per room: subscribed sockets. Per message: whether it was acknowledged, and how many sockets heard it. */
const ready = plan.rooms.map((_, room) => new Counter(`rollcall_ready_${room}`));
const perMessage = (name: string): Counter[][] =>
  plan.rooms.map((_, room) =>
    Array.from(
      { length: Math.ceil(plan.holdSeconds / plan.rooms.length) },
      (_item, sequence) => new Counter(`rollcall_${name}_${room}_${sequence}`),
    ),
  );
const acknowledged = perMessage("acknowledged");
const heard = perMessage("heard");

/** After the last message: what is under way may still come. */
const drainSeconds = 4;
/** After the last SUBSCRIBE, where nothing says when it took effect. */
const settleSeconds = plan.receipts ? 0 : 2;
const lifeSeconds = plan.rampSeconds + settleSeconds + plan.holdSeconds + 2 * drainSeconds;

export const options = {
  scenarios: {
    listeners: {
      executor: "per-vu-iterations",
      exec: "listen",
      vus: vuCount,
      iterations: 1,
      maxDuration: `${lifeSeconds + 30}s`,
    },
    publisher: {
      executor: "per-vu-iterations",
      exec: "publish",
      vus: 1,
      iterations: 1,
      maxDuration: `${lifeSeconds + 30}s`,
    },
  },
  thresholds: {
    rollcall_refused: ["count==0"],
    rollcall_dropped: ["count==0"],
    rollcall_duplicate: ["count==0"],
    rollcall_reordered: ["count==0"],
    rollcall_foreign: ["count==0"],
    rollcall_delivery_ms: [`p(99)<${plan.p99Ms}`],
  },
  summaryTrendStats: ["avg", "med", "p(90)", "p(95)", "p(99)", "max"],
};

/** What one socket heard: one bit a message would do; a few hundred numbers are cheap. */
interface Ear {
  readonly room: number;
  heard: number[];
  last: number;
}

interface Marker {
  room: number;
  sequence: number;
  sentAtMs: number;
}

/** Nothing in it changes in JSON, in a URL or in markup. */
const markerPattern = /@@(\d+)\.(\d+)\.(\d+)@@/;

function markerIn({ body }: StompFrame): Marker | undefined {
  const found = markerPattern.exec(body);
  return found === null
    ? undefined
    : { room: Number(found[1]), sequence: Number(found[2]), sentAtMs: Number(found[3]) };
}

const startMs = Date.now();

function connect(
  url: string,
  person: Person,
  on: { frame: (frame: StompFrame, atMs: number) => void; close: (code: number) => void },
): WebSocket {
  // The type declares `protocols` as null only; k6 takes an array.
  const socket = new WebSocket(url, ["v12.stomp"] as unknown as null, { headers: person.handshake });
  const parser = new StompParser("1.2");
  socket.addEventListener("open", () =>
    socket.send(encodeFrame("CONNECT", { "accept-version": "1.2", "heart-beat": "0,0", ...person.connect })),
  );
  socket.addEventListener("message", (event) => {
    const { data, timestamp } = event as unknown as { data: string; timestamp: number };
    for (const item of parser.push(data)) if (item !== "heart-beat") on.frame(item, timestamp);
  });
  socket.addEventListener("close", (event) => on.close((event as unknown as { code?: number }).code ?? 1006));
  socket.addEventListener("error", () => {}); // a close follows
  return socket;
}

export function listen(): void {
  // Not __VU: the publisher has a number too.
  const vu = scenario.iterationInTest;
  const count = Math.min(plan.socketsPerVu, plan.connections - vu * plan.socketsPerVu);
  const person = plan.listeners[vu % plan.listeners.length]!;
  let earsCount = 0;
  const onReady = (): void => subscribed.add(++earsCount);
  const sockets: WebSocket[] = [];
  for (let index = 0; index < count; index++) {
    const number = vu * plan.socketsPerVu + index;
    // Evenly over the ramp, all VUs beside each other.
    const atMs = ((index + vu / vuCount) / plan.socketsPerVu) * plan.rampSeconds * 1_000;
    setTimeout(() => sockets.push(openEar(person, number, onReady)), Math.max(1, startMs + atMs - Date.now()));
  }
  setTimeout(() => {
    for (const socket of sockets) socket.close();
  }, lifeSeconds * 1_000);
}

function openEar(person: Person, number: number, onReady: () => void): WebSocket {
  const { room, headers } = person.rooms[number % person.rooms.length]!;
  const ear: Ear = { room, heard: [], last: -1 };
  let isReady = false;
  const beReady = (): void => {
    isReady = true;
    opened.add(1);
    ready[room]!.add(1);
    onReady();
  };
  const socket = connect(plan.webSocketUrls[number % plan.webSocketUrls.length]!, person, {
    frame: (frame, atMs) => {
      if (frame.command === "CONNECTED") {
        subscribe(socket, room, headers);
        if (!plan.receipts) beReady();
      } else if (frame.command === "RECEIPT") beReady();
      else if (frame.command === "MESSAGE") hear(ear, frame, atMs);
      else if (frame.command === "ERROR") refused.add(1);
    },
    close: () => {
      if (!isReady) refused.add(1);
      else if (Date.now() < startMs + (lifeSeconds - 1) * 1_000) dropped.add(1);
    },
  });
  return socket;
}

const subscribe = (socket: WebSocket, room: number, headers: Record<string, string>): void =>
  socket.send(
    encodeFrame("SUBSCRIBE", {
      id: `sub-${room}`,
      destination: plan.rooms[room]!.destination,
      ...headers,
      ...(plan.receipts ? { receipt: "ready" } : {}),
    }),
  );

function hear(ear: Ear, frame: StompFrame, atMs: number): void {
  const marker = markerIn(frame);
  // That of the rehearsal is older than the run.
  if (marker === undefined || marker.sentAtMs === 0) return;
  if (marker.room !== ear.room) {
    foreign.add(1);
    return;
  }
  if (ear.heard.includes(marker.sequence)) {
    duplicate.add(1);
    return;
  }
  if (marker.sequence < ear.last) reordered.add(1);
  ear.last = Math.max(ear.last, marker.sequence);
  ear.heard.push(marker.sequence);
  heard[ear.room]![marker.sequence]?.add(1);
  latencyMs.add(atMs - marker.sentAtMs);
}

export function publish(): void {
  const [publisher] = plan.publishers;
  const next = plan.rooms.map(() => 0);
  const awaiting = new Map<string, { room: number; sequence: number }>();
  const take = (key: string): void => {
    const sent = awaiting.get(key);
    awaiting.delete(key);
    if (sent === undefined) return;
    acknowledged[sent.room]![sent.sequence]?.add(1);
    published.add(1);
  };
  const socket = connect(plan.webSocketUrls[0]!, publisher, {
    frame: (frame) => {
      if (frame.command === "CONNECTED" && !plan.receipts)
        for (const { room, headers } of publisher.rooms) subscribe(socket, room, headers);
      if (frame.command === "RECEIPT") take(headerOf(frame, "receipt-id")!);
      const marker = frame.command === "MESSAGE" ? markerIn(frame) : undefined;
      if (marker !== undefined) take(`${marker.room}-${marker.sequence}`);
    },
    close: () => {},
  });
  const say = (room: number, sequence: number): void => {
    const receipt = `${room}-${sequence}`;
    awaiting.set(receipt, { room, sequence });
    const { destination, headers, body } = publisher.sends[room]!;
    const text = `@@${room}.${sequence}.${Date.now()}@@`;
    socket.send(
      encodeFrame(
        "SEND",
        { destination, ...headers, ...(plan.receipts ? { receipt } : {}) },
        body.replace("@@", () => text),
      ),
    );
  };
  let tick = 0;
  setTimeout(
    () => {
      const timer = setInterval(() => {
        if (tick === plan.holdSeconds) {
          clearInterval(timer);
          return;
        }
        const room = tick++ % plan.rooms.length;
        say(room, next[room]!++);
      }, 1_000);
    },
    (plan.rampSeconds + settleSeconds) * 1_000,
  );
  setTimeout(() => {
    unknown.add(awaiting.size);
    socket.close();
  }, lifeSeconds * 1_000);
}

export function handleSummary(data: unknown): Record<string, string> {
  return { [__ENV["SUMMARY"]!]: JSON.stringify(data) };
}
