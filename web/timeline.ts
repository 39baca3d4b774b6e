// Which messages does a room show, in which order? Each once, by its id, oldest first: what is heard live, what history
// gives and what was posted are put together here. Instants are compared as text with nine fraction digits, because a
// Date would lose microseconds. Term: unsent – a message of one's own that nobody has confirmed yet.

import type { FileDto, MessageDto, Page } from "./wire.ts";

export interface Unsent {
  key: string;
  content: string;
  fileNames: readonly string[];
  atMs: number;
  /** unsure: the connection went away before anybody said that it arrived. */
  state: "sending" | "unsure" | "failed";
  why?: string;
}

export interface Timeline {
  messages: readonly MessageDto[];
  unsent: readonly Unsent[];
  /** For the page before the oldest message; undefined: history was not asked yet. */
  older: string | null | undefined;
}

export const emptyTimeline: Timeline = { messages: [], unsent: [], older: undefined };

/** Comparable as text. */
export function instantKey(instant: string): string {
  const [, whole = "", fraction = ""] = /^([^.Z+]*)(?:\.(\d+))?/.exec(instant) ?? [];
  return `${whole}.${fraction.padEnd(9, "0")}`;
}

export const isLater = (instant: string | null | undefined, than: string | null | undefined): boolean =>
  instant !== null &&
  instant !== undefined &&
  (than === null || than === undefined || instantKey(instant) > instantKey(than));

/** A message that is there already takes what is new of it. */
export function withMessages(timeline: Timeline, messages: readonly MessageDto[], myId: string): Timeline {
  const known = new Map(timeline.messages.map((message) => [message.id, message]));
  let unsent = timeline.unsent;
  for (const message of messages) {
    if (message.author?.id === myId && !known.has(message.id)) unsent = withoutConfirmed(unsent, message);
    known.set(message.id, message);
  }
  const sorted = [...known.values()].sort((one, other) =>
    instantKey(one.createdAt) < instantKey(other.createdAt) ? -1 : 1,
  );
  return { ...timeline, messages: sorted, unsent };
}

/** The oldest one with this text; times of the two clocks are not compared. */
function withoutConfirmed(unsent: readonly Unsent[], { content, attachments }: MessageDto): readonly Unsent[] {
  const at = unsent.findIndex(
    (one) => one.content === (content ?? "") && one.fileNames.length === attachments.length && one.state !== "failed",
  );
  return at === -1 ? unsent : unsent.toSpliced(at, 1);
}

/** The newest page, or one before the oldest message. */
export function withPage(timeline: Timeline, page: Page, myId: string): Timeline {
  const merged = withMessages(timeline, page.content, myId);
  const oldest = page.content.at(-1);
  const isOldest = oldest === undefined || merged.messages[0]?.id === oldest.id;
  if (timeline.older !== undefined && !isOldest) return merged;
  return { ...merged, older: page.hasNext ? (page.nextCursor ?? oldest?.createdAt ?? null) : null };
}

/** Whether the page reaches back to what is known: then nothing is missing between the two. */
export const meets = (timeline: Timeline, page: Page): boolean =>
  !page.hasNext || page.content.some(({ id }) => timeline.messages.some((message) => message.id === id));

export const withUnsent = (timeline: Timeline, unsent: Unsent): Timeline => ({
  ...timeline,
  unsent: [...timeline.unsent.filter(({ key }) => key !== unsent.key), unsent],
});

export const withoutUnsent = (timeline: Timeline, key: string): Timeline => ({
  ...timeline,
  unsent: timeline.unsent.filter((one) => one.key !== key),
});

export function withUnsentAs(timeline: Timeline, key: string, state: Unsent["state"], why?: string): Timeline {
  const changed = (one: Unsent): Unsent => ({ ...one, state, ...(why === undefined ? {} : { why }) });
  return { ...timeline, unsent: timeline.unsent.map((one) => (one.key === key ? changed(one) : one)) };
}

/** The same timeline when no message has this file. */
export function withFile(timeline: Timeline, file: FileDto): Timeline {
  if (!timeline.messages.some(({ attachments }) => attachments.some(({ id }) => id === file.id))) return timeline;
  const messages = timeline.messages.map((message) =>
    message.attachments.some(({ id }) => id === file.id)
      ? { ...message, attachments: message.attachments.map((one) => (one.id === file.id ? file : one)) }
      : message,
  );
  return { ...timeline, messages };
}
