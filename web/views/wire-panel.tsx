// "On the wire": what the contract is about, as it happens. Newest first; one line each, and the whole of it on a click.

import type { JSX, VNode } from "preact";
import { useState } from "preact/hooks";
import { app } from "../app.ts";
import { durationText, preciseTime } from "../format.ts";
import { chosen, type Entry, type Kind } from "../journal.ts";
import { useSource } from "../source.ts";
import { language, say } from "../words.ts";
import { Icon } from "./icons.tsx";

const chatKinds = ["stomp", "event", "rest"] as const satisfies readonly Kind[];
const kindWords = { stomp: "frames", socket: "bareFrames", event: "events", rest: "requests" } as const;
const shownMax = 150;

interface WirePanelProps {
  /** What may come. Default: what a chat has. */
  kinds?: readonly Kind[];
  /** Absent: it stays. */
  onClose?: () => void;
}

export function WirePanel({ kinds = chatKinds, onClose }: WirePanelProps): JSX.Element {
  useSource(app.journalChanges);
  const [text, setText] = useState("");
  const [shown, setShown] = useState<ReadonlySet<Kind>>(new Set(kinds));
  const [heartBeats, setHeartBeats] = useState(false);
  const [paused, setPaused] = useState<readonly Entry[]>();
  const { entries } = app.journal;
  const wanted = chosen(paused ?? entries, { kinds: shown, heartBeats, text }).slice(0, shownMax);
  return (
    <aside class="wire" aria-labelledby="wire-title">
      <div class="dialog-head">
        <h2 id="wire-title">{say("onTheWire")}</h2>
        {onClose === undefined ? null : (
          <button type="button" class="plain" aria-label={say("close")} onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <p class="hint">{say("wireMore")}</p>
      <div class="wire-tools">
        <input
          type="search"
          value={text}
          placeholder={say("filter")}
          aria-label={say("filter")}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button
          type="button"
          class="link"
          aria-pressed={paused !== undefined}
          onClick={() => setPaused(paused ? undefined : entries)}
        >
          {say(paused ? "resume" : "pause")}
        </button>
        <button type="button" class="link" onClick={() => app.journal.clear()}>
          {say("clear")}
        </button>
      </div>
      <div class="chips">
        {kinds.map((kind) => (
          <Chip
            key={kind}
            text={say(kindWords[kind])}
            kind={kind}
            on={shown.has(kind)}
            onChange={() => setShown(toggled(shown, kind))}
          />
        ))}
        <Chip text={say("heartBeats")} kind="beat" on={heartBeats} onChange={() => setHeartBeats(!heartBeats)} />
      </div>
      <ol tabIndex={0} aria-labelledby="wire-title">
        {wanted.length === 0 ? <li class="hint">{say("nothingYet")}</li> : null}
        {wanted.map(lineOf)}
      </ol>
    </aside>
  );
}

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}

interface ChipProps {
  text: string;
  kind: string;
  on: boolean;
  onChange: () => void;
}

const Chip = ({ text, kind, on, onChange }: ChipProps): JSX.Element => (
  <button type="button" class={`chip ${kind}`} aria-pressed={on} onClick={onChange}>
    {text}
  </button>
);

/** A line never changes: it is not drawn again for each that comes. */
const lines = new WeakMap<Entry, { language: string; line: VNode }>();

function lineOf(entry: Entry): VNode {
  const known = lines.get(entry);
  if (known?.language === language) return known.line;
  const line = <Line key={entry.number} entry={entry} />;
  lines.set(entry, { language, line });
  return line;
}

function Line({ entry }: { entry: Entry }): JSX.Element {
  const { way, kind, title, id, instance, ageMs, atMs, text } = entry;
  const [open, setOpen] = useState(false);
  return (
    <li class={`entry ${kind}`} data-kind={kind} data-way={way}>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <span class={`way ${way}`}>
            <Icon name={way === "in" ? "arrowIn" : "arrowOut"} />
            <span class="hidden">{say(way === "in" ? "received" : "sent")}</span>
          </span>
          <span class="what">{title}</span>
          <time>{preciseTime(atMs)}</time>
          <span class="about">
            {id === "" ? null : <code title={id}>{id.length > 13 ? `${id.slice(0, 4)}…${id.slice(-8)}` : id}</code>}
            {instance === "" ? null : <span title={say("instance")}>{instance}</span>}
            {ageMs === undefined ? null : <span title={say("age")}>{`${say("age")} ${durationText(ageMs)}`}</span>}
          </span>
        </summary>
        {open ? <pre tabIndex={0}>{[id === "" ? "" : `id ${id}`, text].filter(Boolean).join("\n")}</pre> : null}
      </details>
    </li>
  );
}
