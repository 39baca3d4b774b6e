// The names and numbers of study-room's wire, once. Imports nothing. Source: the study-room contract, sections 2 to 8.

export const apiPath = "/api";
export const subscribePath = "/api/notifications/subscribe";
export const stompEndpoint = "/ws";
export const applicationPrefix = "/app";

export const accessCookie = "ACCESS_TOKEN";
export const refreshCookie = "REFRESH_TOKEN";
export const accessSecondsMax = 900;
export const refreshSeconds = 604_800;

export const roomDestination = (roomId: string | number): string => `/topic/rooms/${roomId}`;
export const presenceDestination = (roomId: string | number): string => `/topic/rooms/${roomId}/presence`;
export const chatDestination = (roomId: string | number): string => `/app/rooms/${roomId}/chat`;
export const presenceUpdate = (roomId: string | number): string => `/app/rooms/${roomId}/presence/update`;

export const statuses = ["ONLINE", "STUDYING", "BREAK", "OFFLINE"] as const;
export type Status = (typeof statuses)[number];
/** What somebody is who comes into a room. */
export const firstStatus: Status = "STUDYING";

export const enteredText = (nickname: string): string => `${nickname}님이 입장하셨습니다.`;
export const leftText = (nickname: string): string => `${nickname}님이 퇴장하셨습니다.`;
export const joinedNews = (nickname: string): string => `${nickname}님이 스터디룸에 참여했습니다.`;
export const departedNews = (nickname: string): string => `${nickname}님이 스터디룸을 나갔습니다.`;

export const connectedEvent = { name: "connected", data: "SSE 연결이 성공했습니다." } as const;
export const notificationEvent = "notification";

/** Lengths in characters. */
export const limits = {
  capacity: 4,
  emailMax: 100,
  nicknameMax: 30,
  passwordMin: 8,
  passwordMax: 60,
  titleMax: 100,
  descriptionMax: 1_000,
  contentMax: 1_000,
  pageSizeDefault: 20,
  pageSizeMax: 100,
} as const;
