// Which page do our clients stand for? That of `--origin`, else the target's own, else one of those from which front
// ends are developed: the first that is let in. Where none is, and who names no Origin is let in, every browser is shut
// out; then the run goes on without an Origin, and one clause says so. Terms: door – a question that a page has to ask.

import { TargetError, TimeoutError } from "../drivers/errors.ts";
import type { Network } from "../drivers/network.ts";
import { originOf, type PageOrigin } from "../drivers/page.ts";
import { RestClient } from "../drivers/rest.ts";
import type { Transcript } from "../drivers/transcript.ts";
import { openWebSocketTransport } from "../drivers/websocket.ts";
import type { RunContext } from "./rooms.ts";

/** Where front ends are usually served from while they are developed. */
export const usualOrigins = ["http://localhost:3000", "http://localhost:5173", "http://localhost:8080"];

interface Doors {
  instance: string;
  /** What every page asks first, below the instance. */
  paths: readonly string[];
  /** How. Default: GET. */
  method?: "GET" | "HEAD";
  /** The whole address of a WebSocket. */
  webSocket?: string;
  /** How long its handshake may take. Default: that of `openWebSocket`. */
  answerWithinMs?: number;
}

export interface Found {
  /** As `Network.page`; undefined: no page is let in. */
  page: PageOrigin;
  /** Of what was tried and refused, each with the door that was shut. */
  refused: readonly string[];
}

/** What a page of this target asks first. */
export function doorsOf({ speaker, target }: Pick<RunContext, "speaker" | "target">): Doors {
  const [instance] = target.instances;
  const { stomp } = target.system;
  const isBelow = stomp?.url.startsWith("/") === true;
  return {
    instance,
    method: speaker.aliveBy ?? "GET",
    paths: [
      ...(speaker.aliveBy === undefined ? [] : [speaker.alivePath]),
      ...(isBelow && stomp?.transports?.includes("sockjs") === true ? [`${stomp.url}/info`] : []),
    ],
    ...(isBelow ? { webSocket: speaker.webSocketUrl(instance) } : {}),
  };
}

/** The page that somebody named. */
export const pageOf = ({ target }: Pick<RunContext, "target">): string | undefined =>
  target.origin ?? target.system.origin;

interface Asking {
  network: Network;
  transcript: Transcript;
}

/** Asks with each origin until one is let in. A `given` one is the only candidate. */
export async function findOrigin(doors: Doors, asking: Asking, given?: string): Promise<Found> {
  const own = originOf(doors.instance);
  const candidates = given === undefined ? [own, ...usualOrigins.filter((origin) => origin !== own)] : [given];
  const open = await answersTo(null, doors, asking);
  const refused: string[] = [];
  // Nothing is open to anybody: that is for others to say.
  if (!Object.values(open).some(isOpen)) return { page: candidates[0] === own ? "own" : given, refused };
  let repeats = 0;
  for (const origin of candidates) {
    let shut = await doorsShutTo(origin, open, doors, asking);
    while (shut.some(([, answer]) => answer === noAnswer) && repeats++ < repeatsMax)
      shut = await doorsShutTo(origin, open, doors, asking);
    if (shut.length === 0) return { page: origin === own ? "own" : origin, refused };
    refused.push(`${origin} (${shut.map(([door, answer]) => `${door}: ${answer}`).join(", ")})`);
  }
  return { page: undefined, refused };
}

/** That an answer is late may have any reason: so often, of all candidates, a door that gave none is asked again. */
const repeatsMax = 2;
const noAnswer = "no answer";

/** Doors that are open to who names no Origin, and not to this one, each with its answer. */
async function doorsShutTo(
  origin: string,
  open: Record<string, string>,
  doors: Doors,
  asking: Asking,
): Promise<[door: string, answer: string][]> {
  const answers = await answersTo(origin, doors, asking);
  // Whatever is the same without an Origin is not due to it.
  return Object.entries(answers).filter(([door, answer]) => answer !== open[door] && isOpen(open[door]!));
}

const isOpen = (answer: string): boolean => /^(1|2)\d\d$/.test(answer);

/** How each door answers who names this origin, or none. */
async function answersTo(origin: string | null, doors: Doors, asking: Asking): Promise<Record<string, string>> {
  const { instance, paths, method = "GET", webSocket, answerWithinMs } = doors;
  const rest = new RestClient({ ...asking, baseUrl: instance, label: "page", origin });
  const get = async (path: string): Promise<string> => String((await rest.request(method, path)).status);
  const shake = async (url: string): Promise<string> => {
    const limit = answerWithinMs === undefined ? {} : { openTimeoutMs: answerWithinMs };
    (await openWebSocketTransport(url, { network: asking.network, origin, ...limit })).close();
    return "101";
  };
  const asked: [string, () => Promise<string>][] = [
    ...paths.map((path): [string, () => Promise<string>] => [`${method} ${path}`, () => get(path)]),
    ...(webSocket === undefined ? [] : [["WebSocket", () => shake(webSocket)] as [string, () => Promise<string>]]),
  ];
  return Object.fromEntries(
    await Promise.all(asked.map(async ([door, ask]): Promise<[string, string]> => [door, await answer(ask)])),
  );
}

/** What came, in a word; an error is an answer too. */
async function answer(ask: () => Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof TimeoutError) return noAnswer;
    if (!(error instanceof TargetError)) throw error;
    return /answered (\d{3})/.exec(error.message)?.[1] ?? error.code;
  }
}
