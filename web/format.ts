// How are names, times and sizes written?

import { language, say } from "./words.ts";
import type { ChannelDto, UserDto } from "./wire.ts";

export function channelName({ type, name, participants }: ChannelDto, me: UserDto): string {
  if (type === "PUBLIC") return name ?? "";
  const others = participants.filter(({ id }) => id !== me.id).map(({ username }) => username);
  return others.length === 0 ? me.username : others.join(", ");
}

const dayOf = (date: Date): string => date.toDateString();

export function isSameDay(one: string, other: string): boolean {
  return dayOf(new Date(one)) === dayOf(new Date(other));
}

export function dayText(instant: string, now = new Date()): string {
  const date = new Date(instant);
  if (dayOf(date) === dayOf(now)) return say("today");
  const before = new Date(now);
  before.setDate(now.getDate() - 1);
  if (dayOf(date) === dayOf(before)) return say("yesterday");
  return date.toLocaleDateString(language, { weekday: "long", year: "numeric", month: "long", day: "numeric" });
}

export const timeText = (at: string | number): string =>
  new Date(at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });

export const preciseTime = (at: number): string =>
  `${new Date(at).toLocaleTimeString("en-GB")}.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;

export function sizeText(byteCount: number): string {
  if (byteCount < 1_000) return `${byteCount} B`;
  if (byteCount < 1_000_000) return `${(byteCount / 1_000).toFixed(byteCount < 10_000 ? 1 : 0)} kB`;
  return `${(byteCount / 1_000_000).toFixed(1)} MB`;
}

export const durationText = (ms: number): string => {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
};

/** One of 360, the same for the same name. */
export function hueOf(name: string): number {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 3_600;
  return hash % 360;
}

/** What was written in a field. */
export function textOf(form: FormData, field: string): string {
  const value = form.get(field);
  return typeof value === "string" ? value : "";
}
