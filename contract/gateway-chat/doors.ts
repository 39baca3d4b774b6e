// Gateway chat: how one gets into a raw room, and what the gateway in front of it all adds and leaves alone. Source:
// the gateway chat contract, "raw", "gateway".

import type { Area } from "../clause.ts";

export const doors = {
  "doors.first-message-enters": {
    level: "house",
    text: "A socket without a room in its address enters the room of its first message.",
    source: "Raw WebSocket, rooms",
    features: ["raw-websocket"],
  },
  "doors.one-room-a-socket": {
    level: "house",
    text: "A message for another room than the socket's is heard in neither.",
    source: "Raw WebSocket, rooms",
    negative: true,
    features: ["raw-websocket"],
  },
  "doors.bad-json-is-answered": {
    level: "house",
    text: "Each message that is no JSON is answered by one of type ERROR that says why.",
    source: "Raw WebSocket, errors",
    features: ["raw-websocket"],
  },
  "doors.one-cors-header": {
    level: "SHOULD",
    text: "What a page of another origin gets has one Access-Control-Allow-Origin, that names it or everybody.",
    source: "Gateway chat, gateway",
  },
  "doors.preflight-is-answered": {
    level: "SHOULD",
    text: "A page's preflight request for /chat/info is answered 2xx, with one Access-Control-Allow-Origin.",
    source: "Gateway chat, gateway",
  },
  "doors.subprotocol-passes": {
    level: "SHOULD",
    text: "Through the gateway the same subprotocol is selected as directly.",
    source: "Gateway chat, gateway",
    needs: ["proxy"],
  },
  "doors.close-code-passes": {
    level: "SHOULD",
    text: "A connection that the server ends has the same close code through the gateway as directly.",
    source: "Gateway chat, gateway",
    needs: ["proxy"],
  },
  "doors.raw-rooms-pass": {
    level: "MUST",
    text: "Raw rooms are reached through the gateway: what is said there is heard directly, and the other way round.",
    source: "Gateway chat, gateway",
    needs: ["proxy"],
    features: ["raw-websocket"],
  },
  "doors.idle-stays-open": {
    level: "SHOULD",
    text: "Through the gateway a socket on which nothing is said for 65 s stays open, and hears what comes then.",
    source: "Gateway chat, gateway",
    needs: ["proxy", "patience"],
    features: ["raw-websocket"],
  },
} as const satisfies Area<"doors">;
