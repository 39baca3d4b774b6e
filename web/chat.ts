// What does somebody who is logged in see and do? Channels, people, messages, what is unread, notifications. Everything
// comes twice: asked for by REST when the page opens or a connection came back, and heard live; both end in the same
// place, by id. Terms: open – the channel that is shown; unread – what came after the last read instant.

import type { Api } from "./api.ts";
import { Events } from "./events.ts";
import type { Journal } from "./journal.ts";
import { Live, type LinkState } from "./live.ts";
import { Rooms } from "./rooms.ts";
import { isLater } from "./timeline.ts";
import {
  fileState,
  type ChannelDto,
  type FileDto,
  type FileState,
  type Happening,
  type MessageDto,
  type NotificationDto,
  type ReadStatusDto,
  type UserDto,
} from "./wire.ts";

export interface ChatEvents {
  onChange: () => void;
  onTrouble: (error: unknown) => void;
}

/** What the tabs of one user tell each other: the server has no event for it. */
type Told = { kind: "read"; status: ReadStatusDto } | { kind: "dismissed"; id: string };

const soonMs = 150;

export class Chat {
  readonly me: UserDto;
  readonly api: Api;
  readonly rooms: Rooms;
  channels: readonly ChannelDto[] = [];
  people: readonly UserDto[] = [];
  notifications: readonly NotificationDto[] = [];
  reads: ReadonlyMap<string, ReadStatusDto> = new Map();
  /** How many messages came to a channel while it was not shown. */
  unread: ReadonlyMap<string, number> = new Map();
  openId: string | undefined;
  /** The first message that was new when the channel was opened: it comes after a line. */
  newFrom: string | undefined;
  messagesLink: LinkState = "connecting";
  eventsLink: LinkState = "connecting";
  transport = "";
  readonly #events: ChatEvents;
  readonly #live: Live;
  readonly #stream: Events;
  readonly #tabs = new BroadcastChannel("rollcall");
  readonly #dismissed = new Set<string>();
  readonly #soon = new Map<string, ReturnType<typeof setTimeout>>();
  #closed = false;
  #loaded = false;

  constructor(api: Api, journal: Journal, me: UserDto, events: ChatEvents) {
    this.api = api;
    this.me = me;
    this.#events = events;
    this.#live = new Live(api, journal, {
      onState: (state, transport) => this.#linked(state, transport),
      onMessage: (message) => this.#hear(message),
      onRefused: (why) => this.rooms.refused(why),
      onSubscribed: (channelId) => void this.rooms.catchUp(channelId),
    });
    this.rooms = new Rooms(api, me, this.#live, events);
    this.#stream = new Events(api, journal, {
      onState: (state) => {
        // Whatever happened in between was perhaps not kept for us.
        if (state === "up" && this.eventsLink === "down") void this.#load();
        this.eventsLink = state;
        events.onChange();
      },
      onEvent: (happening) => this.#happened(happening),
    });
    this.#tabs.addEventListener("message", ({ data }: MessageEvent<Told>) => this.#told(data));
  }

  /** Says in words what went wrong. */
  readonly complain = (error: unknown): void => {
    if (!this.#closed) this.#events.onTrouble(error);
  };

  open(): void {
    addEventListener("hashchange", this.#goTo);
    addEventListener("focus", this.#readNow);
    this.#live.open();
    this.#stream.open();
    void this.#load().then(() => {
      this.#loaded = true;
      this.#goTo();
    });
  }

  close(): void {
    this.#closed = true;
    removeEventListener("hashchange", this.#goTo);
    removeEventListener("focus", this.#readNow);
    for (const timer of this.#soon.values()) clearTimeout(timer);
    this.#live.close();
    this.#stream.close();
    this.#tabs.close();
    this.rooms.close();
  }

  get openChannel(): ChannelDto | undefined {
    return this.channels.find(({ id }) => id === this.openId);
  }

  get mayManage(): boolean {
    return this.me.role !== "USER";
  }

  fileState(file: FileDto): FileState {
    return fileState(this.api.system, file);
  }

  isUnread({ id, lastMessageAt }: ChannelDto): boolean {
    if (id === this.openId && document.hasFocus()) return false;
    if ((this.unread.get(id) ?? 0) > 0) return true;
    const read = this.reads.get(id);
    return read !== undefined && isLater(lastMessageAt, read.lastReadAt);
  }

  async createPublic(name: string, description: string): Promise<void> {
    const channel = await this.api.send<ChannelDto>("POST", "/api/channels/public", { name, description });
    this.#putChannel(channel);
    location.hash = `#/channels/${channel.id}`;
  }

  async createPrivate(participantIds: readonly string[]): Promise<void> {
    const all = [this.me.id, ...participantIds];
    const channel = await this.api.send<ChannelDto>("POST", "/api/channels/private", { participantIds: all });
    this.#putChannel(channel);
    location.hash = `#/channels/${channel.id}`;
    await this.#loadReads();
  }

  /** Whether messages of the channel become notifications. */
  async setNotified(channelId: string, newNotificationEnabled: boolean): Promise<void> {
    const status = await this.#readStatus(channelId, new Date(0).toISOString());
    const path = `/api/readStatuses/${status.id}`;
    this.#putRead(await this.api.send("PATCH", path, { newLastReadAt: null, newNotificationEnabled }));
  }

  async dismiss(id: string): Promise<void> {
    this.#forget(id);
    this.#tell({ kind: "dismissed", id });
    await this.api.send("DELETE", `/api/notifications/${id}`);
  }

  /** The newest message of the open channel was seen. */
  readonly #readNow = (): void => {
    const { openId } = this;
    const newest = this.rooms.of(openId).messages.at(-1);
    if (openId === undefined || newest === undefined || !document.hasFocus()) return;
    this.unread = new Map([...this.unread, [openId, 0]]);
    this.#events.onChange();
    if (!isLater(newest.createdAt, this.reads.get(openId)?.lastReadAt)) return;
    this.#later(`read ${openId}`, async () => {
      const status = await this.#readStatus(openId, newest.createdAt);
      const changes = { newLastReadAt: newest.createdAt, newNotificationEnabled: null };
      const read = await this.api.send<ReadStatusDto>("PATCH", `/api/readStatuses/${status.id}`, changes);
      this.#putRead(read);
      this.#tell({ kind: "read", status: read });
    });
  };

  async #readStatus(channelId: string, lastReadAt: string): Promise<ReadStatusDto> {
    const known = this.reads.get(channelId);
    if (known !== undefined) return known;
    const made = { userId: this.me.id, channelId, lastReadAt };
    const status = await this.api.send<ReadStatusDto>("POST", "/api/readStatuses", made);
    this.#putRead(status);
    return status;
  }

  readonly #goTo = (): void => {
    const wanted = /^#\/channels\/([\w-]+)$/.exec(location.hash)?.[1];
    const channel = this.channels.find(({ id }) => id === wanted) ?? this.channels[0];
    if (channel === undefined || channel.id === this.openId) return this.#events.onChange();
    this.openId = channel.id;
    this.newFrom = undefined;
    this.#wantChannels();
    this.#events.onChange();
    void this.#show(channel.id).catch(this.complain);
  };

  async #show(channelId: string): Promise<void> {
    const readAt = this.reads.get(channelId)?.lastReadAt;
    await this.rooms.enter(channelId);
    if (channelId !== this.openId) return;
    const isNew = ({ createdAt, author }: MessageDto): boolean =>
      readAt !== undefined && author?.id !== this.me.id && isLater(createdAt, readAt);
    this.newFrom = this.rooms.of(channelId).messages.find(isNew)?.id;
    this.#events.onChange();
    this.#readNow();
  }

  #linked(state: LinkState, transport: string): void {
    if (transport !== "") this.transport = transport;
    if (state === "down") this.rooms.unsure();
    // A channel that is gone or closed to us, perhaps, was why the server hung up.
    if (state === "up" && this.messagesLink !== "up" && this.#loaded) this.#later("all", () => this.#load());
    this.messagesLink = state;
    this.#events.onChange();
  }

  #hear(message: MessageDto): void {
    this.rooms.put(message.channelId, [message]);
    const { channelId, author, createdAt } = message;
    this.channels = this.channels.map((channel) =>
      channel.id === channelId && isLater(createdAt, channel.lastMessageAt)
        ? { ...channel, lastMessageAt: createdAt }
        : channel,
    );
    const isShown = channelId === this.openId && document.hasFocus();
    if (isShown || (author?.id === this.me.id && channelId === this.openId)) this.#readNow();
    else if (author?.id !== this.me.id)
      this.unread = new Map([...this.unread, [channelId, (this.unread.get(channelId) ?? 0) + 1]]);
    this.#events.onChange();
  }

  #happened(happening: Happening): void {
    switch (happening.kind) {
      case "notification":
        this.#notified(happening.notification);
        break;
      case "file":
        this.rooms.putFile(happening.file);
        break;
      case "channel":
        this.#putChannel(happening.channel);
        this.#later("reads", () => this.#loadReads());
        break;
      case "channel-gone":
        this.#setChannels(this.channels.filter(({ id }) => id !== happening.id));
        break;
      case "user":
        this.people = [...this.people.filter(({ id }) => id !== happening.user.id), happening.user];
        break;
      case "user-gone":
        this.people = this.people.filter(({ id }) => id !== happening.id);
        break;
      case "channels":
        this.#later("channels", async () => {
          await this.#loadChannels();
          await this.#loadReads();
        });
        break;
      case "users":
        this.#later("users", () => this.#loadPeople());
        break;
      case "gap":
        void this.#load();
        break;
      case "greeting":
      case "other":
    }
    this.#events.onChange();
  }

  #notified(notification: NotificationDto): void {
    if (this.#dismissed.has(notification.id) || this.notifications.some(({ id }) => id === notification.id)) return;
    this.notifications = [notification, ...this.notifications];
    // Whoever reads along needs no notification.
    const newest = this.rooms.of(this.openId).messages.slice(-5);
    const isSeen = newest.some(
      ({ content, author, channelId }) =>
        content === notification.content &&
        notification.title.includes(author?.username ?? "\0") &&
        (notification.targetId === undefined || notification.targetId === channelId),
    );
    if (isSeen && document.hasFocus()) void this.#dismissOnce(notification.id).catch(this.complain);
  }

  /** Two tabs may have read along; one of them dismisses. */
  async #dismissOnce(id: string): Promise<void> {
    const { locks } = navigator as Partial<Navigator>;
    if (locks === undefined) return await this.dismiss(id);
    await locks.request(`rollcall-dismiss-${id}`, { ifAvailable: true }, async (lock) => {
      if (lock !== null && !this.#dismissed.has(id)) await this.dismiss(id);
    });
  }

  #tell(told: Told): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of this origin alone
    this.#tabs.postMessage(told);
  }

  #told(told: Told): void {
    if (told.kind === "dismissed") return this.#forget(told.id);
    if (told.status.channelId !== this.openId) this.unread = new Map([...this.unread, [told.status.channelId, 0]]);
    this.#putRead(told.status);
  }

  #forget(id: string): void {
    this.#dismissed.add(id);
    this.notifications = this.notifications.filter((notification) => notification.id !== id);
    this.#events.onChange();
  }

  async #load(): Promise<void> {
    try {
      await Promise.all([this.#loadChannels(), this.#loadPeople(), this.#loadReads(), this.#loadNotifications()]);
    } catch (error) {
      this.complain(error);
    }
  }

  async #loadChannels(): Promise<void> {
    this.#setChannels(await this.api.get(`/api/channels?userId=${this.me.id}`));
  }

  async #loadPeople(): Promise<void> {
    this.people = await this.api.get("/api/users");
    this.#events.onChange();
  }

  async #loadReads(): Promise<void> {
    const all = await this.api.get<ReadStatusDto[]>(`/api/readStatuses?userId=${this.me.id}`);
    this.reads = new Map(all.map((status) => [status.channelId, status]));
    this.#events.onChange();
  }

  async #loadNotifications(): Promise<void> {
    this.notifications = await this.api.get("/api/notifications");
    this.#events.onChange();
  }

  #putChannel(channel: ChannelDto): void {
    const at = this.channels.findIndex(({ id }) => id === channel.id);
    this.#setChannels(at === -1 ? [...this.channels, channel] : this.channels.with(at, channel));
  }

  #putRead(status: ReadStatusDto): void {
    this.reads = new Map([...this.reads, [status.channelId, status]]);
    this.#events.onChange();
  }

  #setChannels(channels: readonly ChannelDto[]): void {
    this.channels = channels;
    if (this.openId !== undefined && this.openChannel === undefined) this.openId = undefined;
    this.#wantChannels();
    if (this.openId === undefined && this.#loaded) this.#goTo();
    this.#events.onChange();
  }

  /** The open one first, then those in which something was said last. */
  #wantChannels(): void {
    const rest = this.channels
      .filter(({ id }) => id !== this.openId)
      .toSorted((one, other) => (isLater(one.lastMessageAt, other.lastMessageAt) ? -1 : 1));
    this.#live.want([...(this.openId === undefined ? [] : [this.openId]), ...rest.map(({ id }) => id)]);
  }

  /** Several reasons within a moment are one. */
  #later(what: string, work: () => Promise<void>): void {
    clearTimeout(this.#soon.get(what));
    const run = (): void => {
      if (!this.#closed) work().catch(this.complain);
    };
    this.#soon.set(what, setTimeout(run, soonMs));
  }
}
