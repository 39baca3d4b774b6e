// What was said in each channel, and how does somebody say something? Text goes by STOMP, or by REST while STOMP is away;
// files go by REST. A message of one's own is shown at once as unsent, until it is heard or found in history; when its
// connection went away before that, the user is asked whether to send it again.

import type { Api } from "./api.ts";
import type { Live } from "./live.ts";
import {
  emptyTimeline,
  meets,
  withFile,
  withMessages,
  withoutUnsent,
  withPage,
  withUnsent,
  withUnsentAs,
  type Timeline,
} from "./timeline.ts";
import { errorText } from "./words.ts";
import { fileState, type FileDto, type MessageDto, type Page, type UserDto } from "./wire.ts";

const pageSize = 50;
/** After a long absence the rest comes by scrolling. */
const pagesMax = 5;
/** Others' files say nothing when they are ready: they are asked about, ever more rarely. */
const askAgainMs = [1_000, 2_000, 4_000, 8_000, 16_000];

export class Rooms {
  readonly #api: Api;
  readonly #me: UserDto;
  readonly #live: Live;
  readonly #events: { onChange: () => void; onTrouble: (error: unknown) => void };
  readonly #timelines = new Map<string, Timeline>();
  readonly #loading = new Set<string>();
  readonly #missed = new Set<string>();
  /** What ended before its message was heard. */
  readonly #files = new Map<string, FileDto>();
  readonly #asked = new Set<string>();
  readonly #held = new Map<string, { content: string; files: readonly File[] }>();
  #closed = false;

  constructor(
    api: Api,
    me: UserDto,
    live: Live,
    events: { onChange: () => void; onTrouble: (error: unknown) => void },
  ) {
    this.#api = api;
    this.#me = me;
    this.#live = live;
    this.#events = events;
  }

  close(): void {
    this.#closed = true;
  }

  of(channelId: string | undefined): Timeline {
    return this.#timelines.get(channelId ?? "") ?? emptyTimeline;
  }

  isLoading(channelId: string): boolean {
    return this.#loading.has(channelId);
  }

  /** The newest messages; those that are known already stay. */
  async enter(channelId: string): Promise<void> {
    if (this.of(channelId).older === undefined) await this.#loadPage(channelId);
  }

  async loadOlder(channelId: string): Promise<void> {
    const { older } = this.of(channelId);
    if (typeof older === "string" && !this.#loading.has(channelId)) await this.#loadPage(channelId, older);
  }

  /** What was said while nobody listened here. Rooms that were never shown are asked when they are. */
  async catchUp(channelId: string): Promise<void> {
    // The page that is under way was perhaps read before the subscription.
    if (this.#loading.has(channelId)) return void this.#missed.add(channelId);
    if (this.of(channelId).older === undefined) return;
    try {
      let cursor: string | undefined;
      for (let count = 0; count < pagesMax; count++) {
        const before = this.of(channelId);
        const page = await this.#page(channelId, cursor);
        this.#set(channelId, withMessages(before, page.content, this.#me.id));
        if (meets(before, page)) return;
        cursor = page.nextCursor ?? page.content.at(-1)?.createdAt;
      }
      // Too much to close the gap at once: begin anew, the rest comes by scrolling.
      const { unsent } = this.of(channelId);
      this.#set(channelId, withPage({ ...emptyTimeline, unsent }, await this.#page(channelId), this.#me.id));
    } catch (error) {
      this.#trouble(error);
    }
  }

  put(channelId: string, messages: readonly MessageDto[]): void {
    this.#set(channelId, withMessages(this.of(channelId), messages, this.#me.id));
  }

  putFile(file: FileDto): void {
    this.#files.set(file.id, file);
    for (const [id, timeline] of this.#timelines) this.#timelines.set(id, withFile(timeline, file));
    this.#events.onChange();
  }

  send(channelId: string, content: string, files: readonly File[]): void {
    const key = crypto.randomUUID();
    this.#held.set(key, { content, files });
    this.#give(channelId, key);
  }

  again(channelId: string, key: string): void {
    this.#give(channelId, key);
  }

  discard(channelId: string, key: string): void {
    this.#held.delete(key);
    this.#set(channelId, withoutUnsent(this.of(channelId), key));
  }

  /** The server says why it did not take what was sent last. */
  refused(why: string): void {
    for (const [id, timeline] of this.#timelines) {
      const sent = timeline.unsent.find(({ state, fileNames }) => state === "sending" && fileNames.length === 0);
      if (sent !== undefined) return this.#set(id, withUnsentAs(timeline, sent.key, "failed", why));
    }
  }

  /** The connection is away: what nobody confirmed may or may not have arrived. */
  unsure(): void {
    for (const [id, timeline] of this.#timelines)
      for (const { key, state, fileNames } of timeline.unsent)
        if (state === "sending" && fileNames.length === 0) this.#set(id, withUnsentAs(this.of(id), key, "unsure"));
  }

  #give(channelId: string, key: string): void {
    const { content, files } = this.#held.get(key) ?? { content: "", files: [] };
    const unsent = {
      key,
      content,
      fileNames: files.map(({ name }) => name),
      atMs: Date.now(),
      state: "sending",
    } as const;
    this.#set(channelId, withUnsent(this.of(channelId), unsent));
    const message = { content, channelId, authorId: this.#me.id };
    if (files.length === 0 && this.#live.isUp) return this.#live.send(message);
    this.#post(message, files).then(
      (posted) => {
        this.#set(channelId, withoutUnsent(this.of(channelId), key));
        this.put(channelId, [posted]);
      },
      (error: unknown) => this.#set(channelId, withUnsentAs(this.of(channelId), key, "failed", errorText(error))),
    );
  }

  async #post(message: object, files: readonly File[]): Promise<MessageDto> {
    const form = new FormData();
    form.append("messageCreateRequest", new Blob([JSON.stringify(message)], { type: "application/json" }));
    for (const file of files) form.append("attachments", file, file.name);
    return await this.#api.send("POST", "/api/messages", form);
  }

  async #loadPage(channelId: string, cursor?: string): Promise<void> {
    this.#loading.add(channelId);
    try {
      const page = await this.#page(channelId, cursor);
      this.#set(channelId, withPage(this.of(channelId), page, this.#me.id));
    } finally {
      this.#loading.delete(channelId);
      this.#events.onChange();
    }
    if (this.#missed.delete(channelId)) await this.catchUp(channelId);
  }

  async #page(channelId: string, cursor?: string): Promise<Page> {
    const query = new URLSearchParams({ channelId, size: String(pageSize), sort: "createdAt,desc" });
    if (cursor !== undefined) query.set("cursor", cursor);
    return await this.#api.get(`/api/messages?${query}`);
  }

  #set(channelId: string, timeline: Timeline): void {
    let whole = timeline;
    const waiting = (file: FileDto): boolean => fileState(this.#api.system, file) === "waiting";
    for (const file of timeline.messages.flatMap(({ attachments }) => attachments).filter(waiting)) {
      const known = this.#files.get(file.id);
      if (known !== undefined && !waiting(known)) whole = withFile(whole, known);
      else if (!this.#asked.has(file.id)) this.#askAbout(file.id);
    }
    this.#timelines.set(channelId, whole);
    this.#events.onChange();
  }

  #askAbout(id: string, turn = 0): void {
    this.#asked.add(id);
    const pauseMs = askAgainMs[turn];
    if (pauseMs === undefined) return;
    const ask = async (): Promise<void> => {
      const known = this.#files.get(id);
      if (this.#closed || (known !== undefined && fileState(this.#api.system, known) !== "waiting")) return;
      try {
        this.putFile(await this.#api.get(`/api/binaryContents/${id}`));
      } finally {
        this.#askAbout(id, turn + 1);
      }
    };
    setTimeout(() => void ask().catch(() => undefined), pauseMs);
  }

  #trouble(error: unknown): void {
    if (!this.#closed) this.#events.onTrouble(error);
  }
}
