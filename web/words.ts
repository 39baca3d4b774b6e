// All that the page says, in English and Korean. The language is the browser's until the user chooses one.

import { ApiError } from "./api.ts";
import { koreanWords } from "./words-ko.ts";

export type Language = "en" | "ko";

const englishWords = {
  logIn: "Log in",
  signUp: "Sign up",
  logOut: "Log out",
  username: "User name",
  email: "E-mail",
  password: "Password",
  passwordHint: "8 characters or more, with a letter, a digit and one of ! @ # $ % ^ & *",
  welcome: "Talk, and watch every frame",
  welcomeMore: "A small chat over STOMP and server-sent events. Open it in two tabs and see who hears what.",
  newHere: "New here?",
  knownHere: "Have an account?",
  sessionEnded: "Your session has ended. Log in again to go on.",
  starting: "Starting…",
  unreachable: "The server does not answer. Trying again…",
  channels: "Channels",
  publicChannels: "Public",
  privateChannels: "Private",
  people: "People",
  online: "online",
  offline: "offline",
  you: "you",
  newChannel: "New channel",
  newPublic: "Public channel",
  newPrivate: "Private channel",
  channelName: "Name",
  channelDescription: "What is it about? (optional)",
  chooseMembers: "Who takes part?",
  create: "Create",
  cancel: "Cancel",
  close: "Close",
  onlyManagers: "Only channel managers and admins create public channels.",
  noChannels: "No channels yet",
  noChannelsMore: "Create a private channel with somebody, or ask a channel manager for a public one.",
  messages: "Messages",
  noMessages: "Nothing was said here yet. Be the first.",
  write: "Write a message",
  writeTo: "Message {name}",
  send: "Send",
  attach: "Attach files",
  remove: "Remove {name}",
  beginning: "This is where it begins.",
  loadingOlder: "Loading older messages…",
  newMessages: "New messages",
  toNewest: "To the newest messages",
  today: "Today",
  yesterday: "Yesterday",
  deletedUser: "Deleted user",
  sending: "sending…",
  unsure: "Sent, but not confirmed",
  failed: "Not sent",
  sendAgain: "Send again",
  discard: "Discard",
  fileWaiting: "being checked",
  fileReady: "ready",
  fileFailed: "failed",
  download: "Download {name}",
  notifications: "Notifications",
  noNotifications: "Nothing new",
  dismiss: "Dismiss",
  dismissAll: "Dismiss all",
  notifyMe: "Notify me of messages here",
  onTheWire: "On the wire",
  wireMore: "Frames, events and requests of this tab as they come.",
  filter: "Filter",
  clear: "Clear",
  pause: "Pause",
  resume: "Resume",
  heartBeats: "Heart-beats",
  nothingYet: "Nothing yet",
  frames: "Frames",
  bareFrames: "Bare frames",
  events: "Events",
  requests: "Requests",
  instance: "instance",
  age: "age",
  received: "received",
  sent: "sent",
  live: "Live",
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  eventsAway: "Events are away",
  unreadCount: "{count} unread",
  menu: "Menu",
  theme: "Theme",
  themeAuto: "As the system",
  themeLight: "Light",
  themeDark: "Dark",
  language: "Language",
  skip: "Skip to the messages",
  members: "{count} members",
  publicChannel: "Public channel",
  lookOn: "Open one of its rooms, and watch what comes over the wire. Nothing is said from here.",
  lookOnStream: "Open its stream, and watch what comes over the wire. Nothing is published from here.",
  whoLooks: "Who looks on?",
  newUser: "A new user",
  orKnown: "or somebody who has an account",
  token: "Token",
  tokenHint: "Empty: that of the demo.",
  begin: "Begin",
  lookingAs: "You look on as {name}.",
  another: "Somebody else",
  whichRoom: "Which room?",
  roomId: "Id of the room",
  open: "Open",
  lookAgain: "Look again",
  noRooms: "There are no rooms yet.",
  joinFirst: "Join it first: only members hear it, and they see who joins",
  roomIsOpen: "Room {name} is open.",
  linkConnecting: "connecting…",
  linkUp: "listening",
  linkDown: "gone, trying again…",
  linkRefused: "refused: {why}",
  errorUnreachable: "The server does not answer. Is it running?",
  errorCredentials: "Unknown user name or wrong password.",
  errorForbidden: "You may not do that.",
  errorMissing: "That is not there any more.",
  errorTaken: "This name or e-mail is taken.",
  errorTooLarge: "That is too large.",
  errorTooOften: "Too many attempts. Try again in {seconds} seconds.",
  errorInvalid: "Please check: {fields}",
  errorServer: "The server has a problem. Try again in a moment.",
  errorOther: "That did not work: {why}",
} as const;

export type Word = keyof typeof englishWords;
export type Words = Readonly<Record<Word, string>>;

const allWords: Readonly<Record<Language, Words>> = { en: englishWords, ko: koreanWords };
const key = "rollcall.language";

function firstLanguage(): Language {
  const chosen = globalThis.localStorage?.getItem(key);
  if (chosen === "en" || chosen === "ko") return chosen;
  return globalThis.navigator?.language?.startsWith("ko") ? "ko" : "en";
}

export let language: Language = firstLanguage();

export function setLanguage(next: Language): void {
  language = next;
  localStorage.setItem(key, next);
  document.documentElement.lang = next;
}

export function say(word: Word, values: Readonly<Record<string, string | number>> = {}): string {
  return allWords[language][word].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** What went wrong, as somebody who is no developer reads it. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError))
    return say("errorOther", { why: error instanceof Error ? error.message : String(error) });
  const { status, details, message, retryAfterSeconds = 1 } = error;
  if (status === 0 || status === 502 || status === 503 || status === 504) return say("errorUnreachable");
  if (status === 429) return say("errorTooOften", { seconds: retryAfterSeconds });
  if (status >= 500) return say("errorServer");
  if (status === 400 && Object.keys(details).length > 0) {
    const fields = Object.entries(details).map(([field, why]) => `${field} ${why}`);
    return say("errorInvalid", { fields: fields.join(", ") });
  }
  const known: Record<number, Word> = {
    401: "errorCredentials",
    403: "errorForbidden",
    404: "errorMissing",
    409: "errorTaken",
    413: "errorTooLarge",
  };
  const word = known[status];
  return word === undefined ? say("errorOther", { why: message }) : say(word);
}
