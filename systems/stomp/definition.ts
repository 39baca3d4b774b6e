// Any STOMP broker, and nothing around it. Nobody signs up: users are given (ROLLCALL_STOMP_USERS, as name:password,…;
// empty: the broker asks nobody), or our own server's demo user. A room is a topic that nobody else knows. What a
// broker may lack (acknowledgements, transactions, queues, TCP) is measured before it is asked for.

import { defineSystem, type System } from "../define.ts";
import type { AccountsPart, StompPart, Who } from "../types.ts";
import { demoUser, nativeEndpoint, sockJsEndpoint, usersIn } from "./wire.ts";

/** A run has several clients at a time, and a broker may have one user: each of them stands for several people. */
const peopleCount = 40;

const given = process.env["ROLLCALL_STOMP_USERS"];
/** `tcp://host:port`, where TCP is not on the usual port of the target's host. */
const tcp = process.env["ROLLCALL_STOMP_TCP"];

function listed(): Who[] {
  const users = given === undefined ? [demoUser] : usersIn(given);
  return Array.from({ length: peopleCount }, (_, at) => {
    const { name, password } = users[at % users.length]!;
    return { username: name, email: `${name}@rollcall.example`, password };
  });
}

const accounts: AccountsPart =
  given === ""
    ? { guest: () => Promise.resolve({}) }
    : { listed, logIn: (_, { password }) => Promise.resolve({ bearer: password }) };

/** The passcode is the credential; RabbitMQ asks for a virtual host, and others do not mind. */
const connect: StompPart["connect"] = ({ username, bearer }) => ({
  login: username,
  passcode: bearer ?? "",
  host: process.env["ROLLCALL_STOMP_HOST"] ?? "/",
});

const topic = (id: string | number): string => `/topic/rollcall.${id}`;

export const stompBroker: System = defineSystem({
  name: "stomp",
  title: "STOMP broker",
  accounts,
  rooms: { access: "anyone", open: () => Promise.resolve({ id: crypto.randomUUID() }) },
  stomp: {
    url: nativeEndpoint,
    sockjs: sockJsEndpoint,
    transports: ["websocket", "sockjs", "tcp"],
    ...(tcp === undefined ? {} : { tcp }),
    ...(given === "" ? {} : { connect }),
    destinations: ({ id }) => [topic(id)],
    send: ({ room, text }) => ({ destination: topic(room.id), body: { text } }),
    queue: ({ id }) => ({ destination: `/queue/rollcall.${id}` }),
    textOf: (message) => message.text,
  },
  promises: ["order-per-sender", "receipts", "broker", "acks", "transactions", "public-rooms", "separate-instances"],
});
