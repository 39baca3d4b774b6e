// The names and numbers of the wire, once. Imports nothing, so that the server, the verifier and the k6 scripts can all
// read it. Source: the Discodeit contract (CONTRACT.md).

export const systemNames = ["discodeit-1", "discodeit-2"] as const;
export type SystemName = (typeof systemNames)[number];

export const roles = ["USER", "CHANNEL_MANAGER", "ADMIN"] as const;
export type Role = (typeof roles)[number];

/** The admin of the embedded server. The verifier tries it on loopback targets only. */
export const demoAdmin = { username: "admin", password: "admin1234!" } as const;

/** The path below which REST lives; CSRF applies here and nowhere else. */
export const apiPath = "/api";
export const eventsPath = "/api/sse";

export const stompEndpoint = "/ws";
export const applicationPrefix = "/pub";
export const brokerPrefix = "/sub";
export const sendDestination = "/pub/messages";
export const errorQueue = "/user/queue/errors";

/** Where the messages of one channel are heard. */
export const channelDestination = (channelId: string): string => `/sub/channels.${channelId}.messages`;

/** CONNECTED says this for both directions; each direction is then the larger of both sides' wishes. */
export const heartBeatMs = 10_000;

export const csrfCookie = "XSRF-TOKEN";
export const csrfHeader = "X-XSRF-TOKEN";
export const requestIdHeader = "Discodeit-Request-ID";
export const upstreamHeader = "X-Upstream-Server";

export const pingEvent = "ping";
export const replayGapEvent = "replay.gap";

/** What happened → the name of the SSE event that tells it, in each revision. */
export const eventNames = {
  "discodeit-1": {
    notificationCreated: "notifications",
    uploadEnded: "binaryContents.status",
    channelCreated: "channels.refresh",
    channelUpdated: "channels.refresh",
    channelDeleted: "channels.refresh",
    userCreated: "users.refresh",
    userUpdated: "users.refresh",
    userDeleted: "users.refresh",
  },
  "discodeit-2": {
    notificationCreated: "notifications.created",
    uploadEnded: "binaryContents.updated",
    channelCreated: "channels.created",
    channelUpdated: "channels.updated",
    channelDeleted: "channels.deleted",
    userCreated: "users.created",
    userUpdated: "users.updated",
    userDeleted: "users.deleted",
  },
} as const satisfies Record<SystemName, Record<string, string>>;
export type EventKind = keyof (typeof eventNames)["discodeit-1"];

export const refreshCookie = { "discodeit-1": "refresh_token", "discodeit-2": "REFRESH_TOKEN" } as const;

export const uploadStatus = {
  "discodeit-1": { field: "uploadStatus", waiting: "WAITING", success: "SUCCESS", failed: "FAILED" },
  "discodeit-2": { field: "status", waiting: "PROCESSING", success: "SUCCESS", failed: "FAIL" },
} as const;

/** Lengths in characters. */
export const limits = {
  usernameMin: 3,
  usernameMax: 50,
  emailMax: 100,
  passwordMin: 8,
  passwordMax: 60,
  channelNameMin: 2,
  channelNameMax: 50,
  descriptionMax: 255,
  contentMax: 2_000,
  pageSizeDefault: 50,
  pageSizeMax: 200,
  eventsRetained: 10_000,
} as const;
