// The names and numbers of redis-chat's wire, once. Imports nothing. Source: the Redis chat contract, sections 2 to 5.

export const stompEndpoint = "/connect";
/** Where nobody says who it is. */
export const signUpPath = "/member/create";
export const logInPath = "/member/doLogin";

export const roomDestination = (roomId: string | number): string => `/topic/${roomId}`;
export const sendDestination = (roomId: string | number): string => `/publish/${roomId}`;
/** The description writes both. */
export const sendAlias = (roomId: string | number): string => `/app/${roomId}`;

/** What some read in the query or a form, clones in a JSON body: both at once is right for either. */
export const createPath = (roomName: string): string =>
  `/chat/room/group/create?roomName=${encodeURIComponent(roomName)}`;
export const leavePath = (roomId: string | number): string => `/chat/room/group/${roomId}/leave`;
/** Where clones have it. */
export const leavePathOfOthers = (roomId: string | number): string => `/chat/room/${roomId}/leave`;

/** The Redis channel of all rooms. */
export const chatChannel = "chat";

/** How long a token is good: 3,000 minutes. */
export const tokenSeconds = 180_000;

/** Lengths in characters. */
export const limits = {
  emailMax: 100,
  nameMax: 50,
  passwordMin: 8,
  passwordMax: 60,
  roomNameMax: 100,
  messageMax: 2_000,
  /** Other servers keep a message in 500 characters. */
  messageOfOthersMax: 500,
} as const;
