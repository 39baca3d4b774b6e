// Who and what is there when `rollcall serve --demo` has started: a few users, rooms and a short conversation, the same
// each time, made over the servers' own public API. The passwords stand here: this is for a server that nobody else
// reaches, and that keeps nothing.

import { openStomp } from "../drivers/open.ts";
import { Network } from "../drivers/network.ts";
import type { Answer } from "../drivers/rest.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import { Speaker, type Speaking } from "../runner/speaker.ts";
import { Discodeit, refused, type UploadFile } from "../systems/discodeit/client.ts";
import { systemNames, type SystemName } from "../systems/discodeit/wire.ts";
import { isLoopback } from "../systems/target.ts";
import { systemNamed } from "../systems/systems.ts";
import type { Room } from "../systems/types.ts";

/** One user of one system. */
export interface DemoUser {
  system: string;
  url: string;
  username: string;
  email: string;
  password: string;
  /** What one may read, by name; a private one by who is in it. */
  rooms: string[];
}

interface Credentials {
  username: string;
  password: string;
}

interface Talk {
  network: Network;
  speaker: Speaker;
  url: string;
  people: Record<Name, Speaking>;
}

const names = ["mina", "jun", "sora"] as const;
type Name = (typeof names)[number];

const emailOf = (username: string): string => `${username}@rollcall.example`;
const passwordOf = (username: string): string => `${username}-demo-1234!`;

interface Line {
  who: Name;
  text: string;
  files?: readonly UploadFile[];
}

const notes = `# Week 3: who hears what

1. Each tab has a connection and subscriptions of its own.
2. What is sent to a room comes to each subscription once.
3. What came while a tab was away is in the history.
`;

/** Open to all: mina, who teaches, may manage it. */
const course = {
  name: "realtime-101",
  description: "Questions about the lab of this week",
  lines: [
    {
      who: "mina",
      text: "Welcome! This week is about STOMP over WebSocket; the notes are attached.",
      files: [{ name: "week-3.md", contentType: "text/markdown", bytes: Buffer.from(notes) }],
    },
    { who: "jun", text: "Does each tab subscribe by itself, or is it once for each user?" },
    { who: "mina", text: "Each tab. Log in twice, say something, and look at what both hear on the wire." },
    { who: "sora", text: "Both get the MESSAGE, each with its own subscription id." },
    { who: "jun", text: "And what happens to a tab whose connection breaks in between?" },
  ] satisfies Line[],
} as const;

/** Between two; the last line has yet to be read. */
const lab = {
  members: ["jun", "sora"] satisfies Name[],
  lines: [
    { who: "jun", text: "Shall we do the lab together?" },
    { who: "sora", text: "Yes, tomorrow after class?" },
    { who: "jun", text: "At four, in the library. I bring the notes." },
  ] satisfies Line[],
} as const;

const answerMs = 5_000;

/** Why there can be no demo: the passwords are known to everybody. Undefined: there can be one. */
export function demoRefusal(environment: NodeJS.ProcessEnv): string | undefined {
  const { HOST: host = "", DATABASE_URL: database = "" } = environment;
  if (host !== "" && !isLoopbackHost(host))
    return `--demo makes users whose passwords everybody knows: it does not go with HOST=${host}, only with an address of this machine alone, as 127.0.0.1`;
  if (database !== "")
    return "--demo makes users whose passwords everybody knows, and DATABASE_URL would keep them: leave one of the two out";
  return undefined;
}

function isLoopbackHost(host: string): boolean {
  const url = `http://${host.includes(":") ? `[${host}]` : host}`;
  return URL.canParse(url) && isLoopback(url);
}

/** The systems that the demo fills: those that know users and rooms. */
export const isInDemo = (name: string): boolean => {
  const { accounts, rooms, history } = systemNamed(name) ?? {};
  return accounts?.signUp !== undefined && rooms !== undefined && history !== undefined;
};

const isDiscodeit = (name: string): name is SystemName => systemNames.some((discodeit) => discodeit === name);

/** Fills what listens, by URL. Throws TargetError or TimeoutError when a server does not let it. */
export async function makeDemo(listening: Record<string, string>, admin: Credentials): Promise<DemoUser[]> {
  const network = new Network();
  try {
    const filled = Object.entries(listening)
      .filter(([name]) => isInDemo(name))
      .map(([name, url]) => fill(name, url, network, admin));
    return (await Promise.all(filled)).flat();
  } finally {
    await network.close();
  }
}

async function fill(name: string, url: string, network: Network, admin: Credentials): Promise<DemoUser[]> {
  const speaker = new Speaker(systemNamed(name)!);
  const open = (who: Credentials): Speaking => {
    const transcript = new Transcript(new Secrets(), 1);
    const rest = speaker.client({ baseUrl: url, network, transcript, label: who.username });
    return { ...who, email: emailOf(who.username), id: "", rest };
  };
  const people = {} as Record<Name, Speaking>;
  for (const username of names) {
    const person = open({ username, password: passwordOf(username) });
    await speaker.signUp(person);
    people[username] = person;
  }
  // Before anybody logs in: a change of the role ends the logins that are there.
  if (isDiscodeit(name)) {
    const boss = open(admin);
    await speaker.logIn(boss);
    await speaker.appoint(boss, people.mina);
    await speaker.logOut(boss);
  }
  for (const person of Object.values(people)) await speaker.logIn(person);
  const talk = { network, speaker, url, people };
  const roomsOf = isDiscodeit(name) ? await fillDiscodeit(name, talk) : await fillRoom(talk);
  for (const person of Object.values(people)) await speaker.logOut(person);
  return names.map((username) => {
    const { email, password } = people[username];
    return { system: name, url, username, email, password, rooms: roomsOf(username) };
  });
}

async function fillDiscodeit(name: SystemName, { people }: Talk): Promise<(who: Name) => string[]> {
  const client = new Discodeit(name);
  const say = async (channelId: string, lines: readonly Line[]): Promise<string[]> => {
    const instants: string[] = [];
    for (const { who, text, files } of lines) {
      const { rest, id } = people[who];
      const { createdAt } = await client.post(rest, { channelId, authorId: id, content: text }, files);
      instants.push(String(createdAt));
    }
    return instants;
  };
  const read = async (who: Name, channelId: string, lastReadAt: string): Promise<void> => {
    const { rest, id } = people[who];
    const status = (await client.readStatuses(rest, id)).find((one) => one.channelId === channelId);
    const answer =
      status === undefined
        ? await client.readStatusAnswer(rest, id, channelId, lastReadAt)
        : await client.updateReadStatusAnswer(rest, status.id, {
            newLastReadAt: lastReadAt,
            newNotificationEnabled: null,
          });
    succeeded("note what was read", answer);
  };
  const open = await client.publicChannel(people.mina.rest, course.name, course.description);
  const asked = await say(open.id, course.lines);
  const ids = lab.members.map((member) => people[member].id);
  const between = await client.privateChannel(people.jun.rest, ids);
  const agreed = await say(between.id, lab.lines);
  // Who spoke last has read everything; the others have yet to see that.
  for (const who of names) await read(who, open.id, asked.at(who === "jun" ? -1 : -2)!);
  await read("jun", between.id, agreed.at(-1)!);
  await read("sora", between.id, agreed.at(-2)!);
  return (who) => {
    const others = lab.members.filter((member) => member !== who);
    return [course.name, ...(others.length < lab.members.length ? [`private with ${others.join(", ")}`] : [])];
  };
}

function succeeded(action: string, answer: Answer): void {
  if (answer.status < 200 || answer.status > 299) throw refused(action, answer);
}

/** Where messages go over STOMP alone: one room, of all. */
async function fillRoom({ speaker, url, people }: Talk): Promise<(who: Name) => string[]> {
  const { mina, jun, sora } = people;
  const room = await speaker.openRoom(mina, [jun, sora]);
  for (const { who, text } of course.lines) await sayOverStomp({ speaker, url }, people[who], room, text);
  const name = (await speaker.rooms(mina)).find(({ id }) => String(id) === String(room.id))?.name;
  return () => [name ?? `room ${room.id}`];
}

async function sayOverStomp(
  { speaker, url }: Pick<Talk, "speaker" | "url">,
  who: Speaking,
  room: Room,
  text: string,
): Promise<void> {
  const headers = speaker.handshakeHeaders(who);
  const connect = speaker.connectHeaders(who);
  await using stomp = await openStomp(speaker.webSocketUrl(url), { headers, connect });
  const { destination, headers: more, body } = speaker.sendOf(who, room, text);
  await stomp.sendAndAwaitReceipt("SEND", { destination, ...more }, body, answerMs);
}

/** For people: a line a user, each column as wide as what is in it. */
export function demoTable(users: readonly DemoUser[]): string[] {
  const rows = users.map(({ system, url, username, email, password, rooms }) => [
    `${url}/`,
    isDiscodeit(system) ? username : email,
    password,
    rooms.join(", "),
  ]);
  const table = [["URL", "user", "password", "rooms"], ...rows];
  const widths = table[0]!.map((_, at) => Math.max(...table.map((row) => row[at]!.length)));
  return table.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join("  ")
      .trimEnd(),
  );
}
