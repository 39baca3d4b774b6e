// What `rollcall init` asks: few things, each with a flag and a usual answer. "none" leaves the part away.

import { createInterface } from "node:readline/promises";
import path from "node:path";
import { checkUrl } from "../verify/settings.ts";
import { UsageError } from "../verify/usage-error.ts";

/** By the names of the flags; a part that the backend does not have is absent. */
export interface Answers {
  name: string;
  url: string;
  transport: "websocket" | "sockjs" | "raw" | "none";
  endpoint: string;
  signUp?: string;
  logIn?: string;
  /** A field of the login's answer, or "cookie". */
  token: string;
  room?: string;
  roomId: string;
  destination: string;
  send: string;
  text: string;
  events?: string;
  /** What only a document says (`--asyncapi`): where the text is in what is heard, if it is elsewhere. */
  heard?: string;
  /** What else is sent beside the text. */
  body?: readonly BodyField[];
  /** In place of texts. */
  action?: ActionAnswer;
  /** What is to be chosen from, by the part of the definition that it is for. */
  comments?: Partial<Record<"endpoint" | "destination" | "send" | "text" | "heard", string>>;
}

/** A field of what is sent: a value of the run, or always the same. */
export interface BodyField {
  path: string;
  is: "text" | "room" | "room number" | "username" | "id" | { value: unknown };
}

interface ActionAnswer {
  name: string;
  body: readonly BodyField[];
  /** The field by which its effect is known. */
  effect: string;
  isList: boolean;
}

type Key = Exclude<keyof Answers, "heard" | "body" | "action" | "comments">;

interface Question {
  key: Key;
  flag: string;
  text: string;
  usual: (folder: string) => string;
  /** Throws where the answer is none; resolves with undefined where it is fine. */
  isFine: (answer: string) => boolean;
  wanted: string;
  /** Whether it is asked, after these answers. */
  when?: (answers: Partial<Answers>) => boolean;
}

const isPath = (text: string): boolean => text.startsWith("/") && !/\s/.test(text);
const isField = (text: string): boolean => /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/.test(text);
const isStomp = ({ transport }: Partial<Answers>): boolean => transport === "websocket" || transport === "sockjs";
const path_ = { isFine: (text: string) => text === "none" || isPath(text), wanted: 'a path, as "/login", or none' };
const field = { isFine: isField, wanted: 'the name of a field, as "content" or "data.id"' };

export const questions: readonly Question[] = [
  {
    key: "name",
    flag: "--name <name>",
    text: "What is the system called?",
    usual: (folder) =>
      folder
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^[^a-z]+|-+$/g, "")
        .slice(0, 40) || "my-chat",
    isFine: (text) => /^[a-z][a-z0-9-]{0,39}$/.test(text),
    wanted: 'lower-case letters, digits and dashes, as "study-chat"',
  },
  {
    key: "url",
    flag: "--url <url>",
    text: "At which URL is its server?",
    usual: () => "http://localhost:8080",
    isFine: (text) => isUrl(text),
    wanted: "a URL that begins with http:// or https://",
  },
  {
    key: "transport",
    flag: "--transport <kind>",
    text: "How do clients talk in rooms: STOMP over a websocket, STOMP over sockjs, raw JSON over a websocket, or none?",
    usual: () => "websocket",
    isFine: (text) => ["websocket", "sockjs", "raw", "none"].includes(text),
    wanted: "websocket, sockjs, raw or none",
  },
  {
    key: "endpoint",
    flag: "--endpoint <path>",
    text: "At which path do they connect?",
    usual: () => "/ws",
    isFine: isPath,
    wanted: 'a path, as "/ws"',
    when: ({ transport }) => transport !== "none",
  },
  {
    key: "signUp",
    flag: "--sign-up <path>",
    text: "Where does one sign up by POST (none: people need no account)?",
    usual: () => "/signup",
    ...path_,
  },
  {
    key: "logIn",
    flag: "--log-in <path>",
    text: "Where does one log in by POST (none: nobody logs in)?",
    usual: () => "/login",
    ...path_,
  },
  {
    key: "token",
    flag: "--token <field>",
    text: "Which field of the login's answer is the token (cookie: the session is a cookie)?",
    usual: () => "accessToken",
    ...field,
    when: ({ logIn }) => logIn !== undefined,
  },
  {
    key: "room",
    flag: "--room <path>",
    text: "Where is a room opened by POST (none: a room is there as soon as somebody names it)?",
    usual: () => "/rooms",
    ...path_,
  },
  {
    key: "roomId",
    flag: "--room-id <field>",
    text: "Which field of that answer is the room's id?",
    usual: () => "id",
    ...field,
    when: ({ room }) => room !== undefined,
  },
  {
    key: "destination",
    flag: "--destination <name>",
    text: "Which destination does one subscribe to, for the room {room}?",
    usual: () => "/topic/rooms/{room}",
    isFine: (text) => !/\s/.test(text) && text !== "",
    wanted: 'a destination, as "/topic/rooms/{room}"',
    when: isStomp,
  },
  {
    key: "send",
    flag: "--send <name>",
    text: "Which destination does one send to?",
    usual: () => "/app/rooms/{room}",
    isFine: (text) => !/\s/.test(text) && text !== "",
    wanted: 'a destination, as "/app/rooms/{room}"',
    when: isStomp,
  },
  {
    key: "text",
    flag: "--text <field>",
    text: "Which field of a message is its text?",
    usual: () => "content",
    ...field,
    when: ({ transport }) => transport !== "none",
  },
  {
    key: "events",
    flag: "--events <path>",
    text: "Where is the stream of server-sent events (none: there is none)?",
    usual: () => "none",
    ...path_,
  },
];

function isUrl(text: string): boolean {
  try {
    return checkUrl(text) !== "";
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

export type Flags = Partial<Record<Key, string>>;

/** `ask`: on a terminal; without it everybody gets the usual answer. Throws UsageError for a flag that is none. */
export async function answersOf(
  flags: Flags,
  ask?: (question: string, usual: string) => Promise<string>,
  folder = path.basename(process.cwd()),
): Promise<Answers> {
  const answers: Record<string, string> = {};
  for (const { key, flag, text, usual, isFine, wanted, when } of questions) {
    const isAsked = when?.(answers) ?? true;
    let answer = flags[key];
    if (answer !== undefined && !isFine(answer))
      throw new UsageError(`${flag.split(" ", 1)[0]} takes ${wanted}, not ${JSON.stringify(answer)}`);
    while (answer === undefined) {
      const given = ask === undefined || !isAsked ? usual(folder) : await ask(text, usual(folder));
      if (isFine(given)) answer = given;
      else process.stderr.write(`${JSON.stringify(given)} is not ${wanted}\n`);
    }
    if (answer !== "none" || key === "transport") answers[key] = answer;
  }
  return answers as unknown as Answers;
}

/** Asks on the terminal; an empty line is the usual answer. Throws UsageError when there is no more input. */
export async function askAll(flags: Flags): Promise<Answers> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const over = new AbortController();
  terminal.on("close", () => over.abort());
  terminal.on("SIGINT", () => terminal.close());
  try {
    return await answersOf(flags, async (question, usual) => {
      const line = await terminal.question(`${question} (${usual}) `, { signal: over.signal });
      return line.trim() || usual;
    });
  } catch (error) {
    if (over.signal.aborted) throw new UsageError("nothing was written");
    throw error;
  } finally {
    terminal.close();
  }
}
