// In what do the two revisions differ for a page? How one logs in, how a page that was loaded again finds out who is
// there, how a file says whether it is ready, and what an event carries. Everything else of the page is the same for
// both. Names come from systems/discodeit/wire.ts.

import {
  eventNames,
  pingEvent,
  replayGapEvent,
  uploadStatus,
  type EventKind,
  type Role,
  type SystemName,
} from "../systems/discodeit/wire.ts";

export interface FileDto {
  id: string;
  fileName: string;
  size: number;
  contentType: string;
  uploadStatus?: string;
  status?: string;
}
export interface UserDto {
  id: string;
  username: string;
  email: string;
  profile: FileDto | null;
  online: boolean | null;
  role: Role;
}
export interface ChannelDto {
  id: string;
  type: "PUBLIC" | "PRIVATE";
  name: string | null;
  description: string | null;
  participants: UserDto[];
  lastMessageAt: string | null;
}
export interface MessageDto {
  id: string;
  createdAt: string;
  updatedAt: string | null;
  content: string | null;
  channelId: string;
  author: UserDto | null;
  attachments: FileDto[];
}
export interface ReadStatusDto {
  id: string;
  channelId: string;
  lastReadAt: string;
  notificationEnabled: boolean;
}
export interface NotificationDto {
  id: string;
  createdAt: string;
  title: string;
  content: string;
  /** Revision 1 only. */
  targetId?: string | null;
}
export interface Page {
  content: MessageDto[];
  nextCursor: string | null;
  hasNext: boolean;
}
export interface Session {
  accessToken: string;
  user: UserDto;
}
export type FileState = "waiting" | "ready" | "failed";

/** What an event means for the page. `channels` and `users`: something changed, ask again. */
export type Happening =
  | { kind: "greeting" | "gap" | "channels" | "users" | "other" }
  | { kind: "notification"; notification: NotificationDto }
  | { kind: "file"; file: FileDto }
  | { kind: "channel"; channel: ChannelDto }
  | { kind: "user"; user: UserDto }
  | { kind: "channel-gone" | "user-gone"; id: string };

/** The token in `/api/auth/csrf-token` is what revision 2 does not send. */
export const systemOf = (csrfAnswer: string): SystemName =>
  csrfAnswer.includes('"token"') ? "discodeit-1" : "discodeit-2";

export function credentials(system: SystemName, username: string, password: string): RequestInit {
  if (system === "discodeit-2") return { body: new URLSearchParams({ username, password }) };
  return { body: JSON.stringify({ username, password }), headers: { "Content-Type": "application/json" } };
}

/** What gives a page that was just loaded its session, by the refresh cookie alone. */
export const restoring = {
  "discodeit-1": { method: "GET", path: "/api/auth/me" },
  "discodeit-2": { method: "POST", path: "/api/auth/refresh" },
} as const satisfies Record<SystemName, { method: string; path: string }>;

/** Revision 1 answers with a token that carries the user, revision 2 with both. Throws when there is neither. */
export function sessionOf(text: string): Session {
  const body: unknown = text.startsWith('"') || text.startsWith("{") ? JSON.parse(text) : text;
  const { accessToken = body, userDto } = (typeof body === "object" ? body : {}) as Record<string, unknown>;
  if (typeof accessToken !== "string") throw new Error("no access token");
  const user = (userDto ?? claimsOf(accessToken).userDto) as UserDto | undefined;
  if (user === undefined) throw new Error("no user in the session");
  return { accessToken, user };
}

/** Of a JWT, not verified: that is the server's business. */
export function claimsOf(token: string): { exp?: number; userDto?: unknown } {
  try {
    const text = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (character) => character.codePointAt(0) ?? 0);
    return JSON.parse(new TextDecoder().decode(bytes)) as { exp?: number; userDto?: unknown };
  } catch {
    return {}; // no JWT, or none that says anything
  }
}

export function fileState(system: SystemName, file: FileDto): FileState {
  const { field, success, failed } = uploadStatus[system];
  if (file[field] === failed) return "failed";
  return file[field] === success ? "ready" : "waiting";
}

/** All that the page listens to. */
export const namesOf = (system: SystemName): string[] => [
  ...new Set([pingEvent, replayGapEvent, ...Object.values(eventNames[system])]),
];

const kindOf = (system: SystemName, name: string): EventKind | undefined =>
  (Object.keys(eventNames[system]) as EventKind[]).find((kind) => eventNames[system][kind] === name);

export function happeningOf(system: SystemName, name: string, data: string): Happening {
  if (name === pingEvent) return { kind: "greeting" };
  if (name === replayGapEvent) return { kind: "gap" };
  const kind = kindOf(system, name);
  if (kind === undefined) return { kind: "other" };
  const value = parsed(data);
  if (kind === "notificationCreated")
    return { kind: "notification", notification: value as unknown as NotificationDto };
  if (kind === "uploadEnded") return { kind: "file", file: value as unknown as FileDto };
  const isWhole = system === "discodeit-2" && typeof value["id"] === "string";
  if (kind.startsWith("channel")) {
    if (!isWhole) return { kind: "channels" };
    if (kind === "channelDeleted") return { kind: "channel-gone", id: String(value["id"]) };
    return { kind: "channel", channel: value as unknown as ChannelDto };
  }
  if (!isWhole) return { kind: "users" };
  if (kind === "userDeleted") return { kind: "user-gone", id: String(value["id"]) };
  return { kind: "user", user: value as unknown as UserDto };
}

function parsed(data: string): Record<string, unknown> & object {
  try {
    return JSON.parse(data) as Record<string, unknown>;
  } catch {
    return {}; // an event that says nothing is one that asks to look again
  }
}
