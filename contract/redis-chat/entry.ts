// Redis chat: members and their tokens. Source: the Redis chat contract, "REST" and "errors".

import type { Area } from "../clause.ts";

export const entry = {
  "entry.sign-up-gives-the-id": {
    level: "SHOULD",
    text: "POST /member/create is answered with the new member's id, a number.",
    source: "Redis chat, members",
  },
  "entry.log-in-gives-the-token": {
    level: "SHOULD",
    text: "POST /member/doLogin is answered with the member's id and a token.",
    source: "Redis chat, members",
  },
  "entry.token-says-who": {
    level: "SHOULD",
    text: "The token is a JWT by HS512 whose sub is the email address, with a role, and it lasts 3,000 minutes.",
    source: "Redis chat, members",
  },
  "entry.members-are-listed": {
    level: "SHOULD",
    text: "GET /member/list holds each member's id, name and email address, and no password.",
    source: "Redis chat, members",
  },
  "entry.taken-address-is-refused": {
    level: "SHOULD",
    text: "Signing up with an email address that is taken is refused, and its owner logs in as before.",
    source: "Redis chat, errors",
    negative: true,
  },
  "entry.wrong-password-is-refused": {
    level: "MUST",
    security: true,
    text: "A wrong password, or an unknown email address, gets no token.",
    source: "Redis chat, errors",
    negative: true,
  },
  "entry.routes-need-a-token": {
    level: "SHOULD",
    security: true,
    text: "Without a token the routes of members and rooms are refused.",
    source: "Redis chat, errors",
    negative: true,
  },
  "entry.bad-token-does-nothing": {
    level: "SHOULD",
    security: true,
    text: "A request with a bad token is refused and changes nothing.",
    source: "Redis chat, errors",
    negative: true,
  },
  "entry.refusals-say-why": {
    level: "house",
    text: "Refusals have the status that fits (409, 401, 404, 403, 400) and a JSON object with a message.",
    source: "Redis chat, errors",
  },
} as const satisfies Area<"entry">;
