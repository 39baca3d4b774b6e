// How many STOMP connections does a deployment hold while a message a second is fanned out, and does every one arrive,
// once, in order? Shape: sockets ramp up evenly, subscribe to one of a few rooms, hold; then one publisher sends a
// message a second, rooms in turn. Run by `rollcall load connections`, which prepares accounts and rooms and passes them
// in a file (PLAN). VUs share nothing, and nobody judges here: at the end each socket prints what it heard, and the
// publisher what was acknowledged (by a RECEIPT, or where there are none by hearing it), a line each
// (drivers/codecs/compact-history.ts). By itself, `k6 run` has thresholds for who is let in, who is dropped, and the times.

import { scenario } from "k6/execution";
import { Counter, Gauge, Trend } from "k6/metrics";
import { WebSocket } from "k6/websockets";
import { noteHeard, type CompactEar, type CompactLanes } from "../../drivers/codecs/compact-history.ts";
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
const subscribed = new Gauge("rollcall_subscribed");
const latencyMs = new Trend("rollcall_delivery_ms");

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
    rollcall_delivery_ms: [`p(99)<${plan.p99Ms}`],
  },
  summaryTrendStats: ["avg", "med", "p(90)", "p(95)", "p(99)", "max"],
};

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

const handBack = (line: CompactEar | CompactLanes): void => console.log(JSON.stringify(line));

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
  const ears: { socket: WebSocket; ear: CompactEar }[] = [];
  for (let index = 0; index < count; index++) {
    const number = vu * plan.socketsPerVu + index;
    // Evenly over the ramp, all VUs beside each other.
    const atMs = ((index + vu / vuCount) / plan.socketsPerVu) * plan.rampSeconds * 1_000;
    setTimeout(() => ears.push(openEar(person, number, onReady)), Math.max(1, startMs + atMs - Date.now()));
  }
  setTimeout(() => {
    // What ends from now on is ended by us.
    for (const { ear } of ears) handBack(ear);
    for (const { socket } of ears) socket.close();
  }, lifeSeconds * 1_000);
}

function openEar(person: Person, number: number, onReady: () => void): { socket: WebSocket; ear: CompactEar } {
  const { room, headers } = person.rooms[number % person.rooms.length]!;
  const ear: CompactEar = { ear: number, room, readyAtMs: null, endedAtMs: null, heard: [] };
  const beReady = (): void => {
    ear.readyAtMs = Date.now();
    opened.add(1);
    onReady();
  };
  const end = (): void => {
    if (ear.endedAtMs !== null) return;
    ear.endedAtMs = Date.now();
    if (ear.readyAtMs === null) refused.add(1);
    else if (ear.endedAtMs < startMs + (lifeSeconds - 1) * 1_000) dropped.add(1);
  };
  const socket = connect(plan.webSocketUrls[number % plan.webSocketUrls.length]!, person, {
    frame: (frame, atMs) => {
      if (frame.command === "CONNECTED") {
        subscribe(socket, room, headers);
        if (!plan.receipts) beReady();
      } else if (frame.command === "RECEIPT") beReady();
      else if (frame.command === "MESSAGE") hear(ear, frame, atMs);
      else if (frame.command === "ERROR") end();
    },
    close: end,
  });
  return { socket, ear };
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

function hear(ear: CompactEar, frame: StompFrame, atMs: number): void {
  const marker = markerIn(frame);
  // That of the rehearsal is older than the run.
  if (marker === undefined || marker.sentAtMs === 0) return;
  noteHeard(ear.heard, marker.room, marker.sequence);
  latencyMs.add(atMs - marker.sentAtMs);
}

export function publish(): void {
  const [publisher] = plan.publishers;
  const lanes: CompactLanes["lanes"] = plan.rooms.map((_, room) => ({ room, sentAtMs: [], acknowledgedAtMs: [] }));
  const take = (room: number, sequence: number): void => {
    const acknowledgedAtMs = lanes[room]?.acknowledgedAtMs;
    if (acknowledgedAtMs?.[sequence] === null) acknowledgedAtMs[sequence] = Date.now();
  };
  const socket = connect(plan.webSocketUrls[0]!, publisher, {
    frame: (frame) => {
      if (frame.command === "CONNECTED" && !plan.receipts)
        for (const { room, headers } of publisher.rooms) subscribe(socket, room, headers);
      if (frame.command === "RECEIPT") {
        const [room, sequence] = headerOf(frame, "receipt-id")!.split("-").map(Number);
        take(room!, sequence!);
      }
      const marker = frame.command === "MESSAGE" && !plan.receipts ? markerIn(frame) : undefined;
      if (marker !== undefined && marker.sentAtMs !== 0) take(marker.room, marker.sequence);
    },
    close: () => {},
  });
  const say = (room: number): void => {
    const { sentAtMs, acknowledgedAtMs } = lanes[room]!;
    const sequence = sentAtMs.push(Date.now()) - 1;
    acknowledgedAtMs.push(null);
    const receipt = `${room}-${sequence}`;
    const { destination, headers, body } = publisher.sends[room]!;
    const text = `@@${room}.${sequence}.${sentAtMs[sequence]}@@`;
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
        say(tick++ % plan.rooms.length);
      }, 1_000);
    },
    (plan.rampSeconds + settleSeconds) * 1_000,
  );
  setTimeout(() => {
    handBack({ lanes });
    socket.close();
  }, lifeSeconds * 1_000);
}

export function handleSummary(data: unknown): Record<string, string> {
  return { [__ENV["SUMMARY"]!]: JSON.stringify(data) };
}
