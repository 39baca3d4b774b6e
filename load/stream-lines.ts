// Listeners on event streams: each asks for one, and whoever comes back says what it heard last.

import { EventStream, type StreamListener } from "./event-stream.ts";
import { personOf, type Line, type LineListener, type Lines, type LinesOptions } from "./lines.ts";
import { placeholder, type LoadPlan, type PlannedStreams } from "./plan.ts";

/** Nothing says when a stream is live: where the head comes first, and what is said in between would be lost. */
const settleMs = 1_000;

export class StreamLines implements Lines, StreamListener {
  readonly replays: boolean;
  readonly #plan: LoadPlan;
  readonly #streams: PlannedStreams;
  readonly #listener: LineListener;
  readonly #options: LinesOptions;
  /** The newest of each number, and how many there were. */
  readonly #newest: EventStream[] = [];
  readonly #counts: number[] = [];

  constructor(plan: LoadPlan, streams: PlannedStreams, listener: LineListener, options: LinesOptions) {
    this.replays = streams.replays;
    this.#plan = plan;
    this.#streams = streams;
    this.#listener = listener;
    this.#options = options;
  }

  open(listener: number, number: number): Line {
    const { baseUrls, replays } = this.#streams;
    // Whoever comes back comes to the next instance, as behind a balancer.
    const count = (this.#counts[listener] = (this.#counts[listener] ?? -1) + 1);
    const baseUrl = baseUrls[(number + count) % baseUrls.length]!;
    const lastId = replays ? this.#newest[listener]?.lastId : undefined;
    const { stream, resume } = personOf(this.#plan, number);
    const { url, headers } = lastId === undefined ? stream! : resumed(resume!, lastId);
    return (this.#newest[listener] = new EventStream(
      listener,
      this,
      { url: new URL(url, baseUrl), headers, ...this.#options },
      lastId,
    ));
  }

  onOpen(stream: EventStream): void {
    if (!this.#isNewest(stream)) return;
    this.#listener.onOpen(stream);
    this.#listener.onReady(stream, settleMs);
  }

  onData(stream: EventStream, octets: Buffer, from: number, to: number): void {
    if (this.#isNewest(stream)) this.#listener.onText(stream, octets, from, to);
  }

  onClose(stream: EventStream, how: string): void {
    if (this.#isNewest(stream)) this.#listener.onClose(stream, how);
  }

  /** Else another one has its place. */
  #isNewest(stream: EventStream): boolean {
    return this.#newest[stream.number] === stream;
  }
}

/** With the id in place of the placeholder, which stands encoded in a query. */
function resumed(
  { url, headers }: { url: string; headers: Record<string, string> },
  lastId: string,
): { url: string; headers: Record<string, string> } {
  return {
    url: url.replaceAll(encodeURIComponent(placeholder), encodeURIComponent(lastId)),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replaceAll(placeholder, () => lastId)]),
    ),
  };
}
