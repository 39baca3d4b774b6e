// The names and numbers of gateway-chat's wire, once. Imports nothing. Source: the gateway chat contract, sections 1 to
// 4.

/** STOMP: native, and SockJS below it. */
export const stompEndpoint = "/chat";
/** Rooms over bare WebSocket JSON. */
export const rawEndpoint = "/ws/chat";
export const rawPath = (roomId: string | number): string =>
  `${rawEndpoint}?roomId=${encodeURIComponent(String(roomId))}`;

/** The description writes both: what is said in a room is heard on either. */
export const roomDestination = (roomId: string | number): string => `/sub/chat/room/${roomId}`;
export const roomAlias = (roomId: string | number): string => `/topic/chat/room/${roomId}`;

export const sendDestination = "/pub/chat/sendMessage";
/** What the description's code, and public servers of the kind, call the same. */
export const sendAliases = ["/pub/sendMessage", "/app/sendMessage", "/pub/send/message"] as const;

/** Secure mode: a token at CONNECT, signed by whoever knows the secret. */
export const tokenAlgorithms = ["HS256", "HS384", "HS512"] as const;
/** Of a server that nobody gave one, and of the verifier that asks it. */
export const demoSecret = "rollcall-demo-secret-of-gateway-chat";

/** Lengths in characters. */
export const limits = {
  roomIdMax: 64,
  senderMax: 50,
  contentMax: 2_000,
  clientMsgIdMax: 100,
} as const;
