// What leaves the server? The DTOs of one revision, and the data of its events. Revisions differ in the name and values
// of a file's status, in two fields of a notification, and in whether an event carries the whole DTO or only an id.
// Source: the Discodeit contract, DTOs and "SSE".

import {
  eventNames,
  uploadStatus,
  type EventKind,
  type Role,
  type SystemName,
} from "../../../../systems/discodeit/wire.ts";
import type { FileRow, UserRow } from "./rows.ts";

export interface FileDto {
  id: string;
  fileName: string;
  size: number;
  contentType: string;
  [status: string]: unknown;
}

export interface UserDto {
  id: string;
  username: string;
  email: string;
  profile: FileDto | null;
  online: boolean;
  role: Role;
}

export interface ChannelRow {
  id: string;
  type: "PUBLIC" | "PRIVATE";
  name: string | null;
  description: string | null;
  lastMessageAt: string | null;
  participants: UserRow[];
}

export interface MessageRow {
  id: string;
  createdAt: string;
  updatedAt: string;
  content: string;
  channelId: string;
  author: UserRow | null;
  attachments: FileRow[];
}

export interface NotificationRow {
  id: string;
  createdAt: string;
  receiverId: string;
  title: string;
  content: string;
  type: "NEW_MESSAGE" | "ROLE_CHANGED" | "ASYNC_FAILED";
  targetId: string | null;
}

export type Online = ReadonlySet<string>;

export class Payloads {
  readonly system: SystemName;

  constructor(system: SystemName) {
    this.system = system;
  }

  eventName(kind: EventKind): string {
    return eventNames[this.system][kind];
  }

  /** The data of an event about a channel: revision 1 lets the client fetch it again. */
  channelEvent(row: ChannelRow, online: Online): unknown {
    return this.system === "discodeit-1" ? { channelId: row.id } : this.channel(row, online);
  }

  userEvent(row: UserRow, online: Online): unknown {
    return this.system === "discodeit-1" ? { userId: row.id } : this.user(row, online);
  }

  file(row: FileRow): FileDto {
    const { id, fileName, size, contentType } = row;
    const names = uploadStatus[this.system];
    const status = { WAITING: names.waiting, SUCCESS: names.success, FAILED: names.failed }[row.status];
    return { id, fileName, size, contentType, [names.field]: status };
  }

  user(row: UserRow, online: Online): UserDto {
    const { id, username, email, role } = row;
    return { id, username, email, profile: row.profile && this.file(row.profile), online: online.has(id), role };
  }

  channel(row: ChannelRow, online: Online): unknown {
    const { id, type, name, description, lastMessageAt } = row;
    return {
      id,
      type,
      name,
      description,
      participants: row.participants.map((user) => this.user(user, online)),
      lastMessageAt,
    };
  }

  message(row: MessageRow, online: Online): unknown {
    const { id, createdAt, updatedAt, content, channelId } = row;
    const author = row.author && this.user(row.author, online);
    return {
      id,
      createdAt,
      updatedAt,
      content,
      channelId,
      author,
      attachments: row.attachments.map((file) => this.file(file)),
    };
  }

  notification(row: NotificationRow): unknown {
    const { id, createdAt, receiverId, title, content, type, targetId } = row;
    const base = { id, createdAt, receiverId, title, content };
    return this.system === "discodeit-1" ? { ...base, type, targetId } : base;
  }
}
