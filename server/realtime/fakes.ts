// What do the unit tests of the realtime layer talk to? A chat system with rules in memory, and a connection that keeps
// what it is sent.

import type { MessageRecord, EventRecord } from "../bus/records.ts";
import type { Connection, OutgoingMessage } from "./connection.ts";
import type { ErrorResponse, Principal, RealtimePorts, RealtimeProfile } from "./ports.ts";
import { decodeHeaders, FrameParser } from "../stomp/codec.ts";

/** The token of a user is its name; "bad" is nobody's. The login of a user is "login-<name>". */
export class FakePorts implements RealtimePorts {
  profile: RealtimeProfile = {
    endpoint: "/ws",
    sockJs: true,
    applicationPrefix: "/pub",
    greeting: { name: "ping", data: "{}" },
  };
  readonly sent: string[] = [];
  readonly refusedConnects: string[] = [];
  readonly ended = new Set<string>();
  readonly unreadableChannels = new Set<string>();
  readonly announced: [string, boolean][] = [];
  readonly notified: string[] = [];
  onSend: (body: string) => Promise<ErrorResponse | undefined> = () => Promise.resolve(undefined);

  authenticate(accessToken: string): Promise<Principal | undefined> {
    return Promise.resolve(accessToken === "bad" ? undefined : principal(accessToken));
  }
  noteRefusedConnect(accessToken: string | undefined, from?: string): void {
    this.refusedConnects.push(`${accessToken} from ${from}`);
  }
  endedLogins(loginIds: readonly string[]): Promise<string[]> {
    return Promise.resolve(loginIds.filter((id) => this.ended.has(id)));
  }
  maySubscribe(_: Principal, destination: string): Promise<boolean> {
    return Promise.resolve(destination.startsWith("/sub/channels.") && !destination.includes("secret"));
  }
  async send({ username }: Principal, destination: string, body: string): Promise<ErrorResponse | undefined> {
    const refusal = destination === "/pub/messages" ? await this.onSend(body) : refusalOf("no such destination");
    if (!refusal) this.sent.push(`${username}: ${body}`);
    return refusal;
  }
  mayReadNow(_: Principal, { channelId }: EventRecord): Promise<boolean> {
    return Promise.resolve(channelId === undefined || !this.unreadableChannels.has(channelId));
  }
  announceOnline(userId: string, online: boolean): Promise<void> {
    this.announced.push([userId, online]);
    return Promise.resolve();
  }
  notifyOfMessage({ id }: MessageRecord): Promise<void> {
    this.notified.push(id);
    return Promise.resolve();
  }
}

export const principal = (name: string): Principal => ({
  userId: name,
  username: name,
  role: "USER",
  loginId: `login-${name}`,
});

export const refusalOf = (message: string): ErrorResponse => ({
  timestamp: "2026-01-01T00:00:00Z",
  code: "REFUSED",
  message,
  details: null,
  exceptionType: "Refused",
  status: 400,
});

export const destinationOf = (channelId: string): string => `/sub/channels.${channelId}.messages`;

const author = { messageId: "m", authorId: "a", authorName: "a", content: "" };

export function messageRecord(id: string, channelId = "c1", body = `{"id":"${id}"}`): MessageRecord {
  const channel = {
    channelId,
    channelType: "PUBLIC",
    channelName: "room",
    destination: destinationOf(channelId),
  } as const;
  return { topic: "messages", id, body, ...channel, ...author, createdAtMs: 0 };
}

export function eventRecord(
  id: string,
  receivers: EventRecord["receivers"] = "everyone",
  channelId?: string,
): EventRecord {
  const event = {
    topic: "events",
    id,
    name: "users.refresh",
    data: `{"n":"${id}"}`,
    receivers,
    createdAtMs: 0,
  } as const;
  return channelId === undefined ? event : { ...event, channelId };
}

export interface ShownFrame {
  command: string;
  headers: Record<string, string>;
  body: string;
}

export class FakeConnection implements Connection {
  readonly transport = "websocket";
  readonly address = "192.0.2.1";
  readonly sent: Buffer[] = [];
  readonly closed: [number, string][] = [];
  queued = 0;
  paused = false;

  send(message: OutgoingMessage): void {
    this.sent.push(message.bytes);
  }
  queuedBytes(): number {
    return this.queued;
  }
  pauseReading(): void {
    this.paused = true;
  }
  resumeReading(): void {
    this.paused = false;
  }
  end(code: number, reason: string): void {
    this.closed.push([code, reason]);
  }
  get frames(): ShownFrame[] {
    return readFrames(Buffer.concat(this.sent));
  }
  get commands(): string[] {
    return this.frames.map(({ command }) => command);
  }
}

export function readFrames(bytes: Uint8Array): ShownFrame[] {
  const frames: ShownFrame[] = [];
  const parser = new FrameParser();
  parser.push(bytes);
  for (let frame = parser.next(); frame; frame = parser.next()) {
    const version = frame.command === "CONNECTED" ? "1.0" : "1.2";
    frames.push({
      command: frame.command,
      headers: Object.fromEntries(decodeHeaders(frame, version)),
      body: frame.body.toString(),
    });
  }
  return frames;
}
