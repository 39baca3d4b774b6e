// Who heard what, exactly once, in order, and who should have. Pure: a history of one room in, a verdict per message × subscription out.
// Terms: owed – sent after the subscription was confirmed, acknowledged, and the subscription lived on; foreign – heard by somebody outside the room.

export interface SentMessage {
  marker: string;
  sender: string;
  room: string;
  /** Position among the sender's messages, from 0. */
  sequence: number;
  sentAtMs: number;
  /** acknowledged: owed to its room; refused: must not be heard; unknown: once or never are both right. */
  fate: "acknowledged" | "refused" | "unknown";
}

export interface HeardMessage {
  marker: string;
  atMs: number;
}

export interface Listener {
  name: string;
  room: string;
  confirmedAtMs: number;
  /** When it was closed; absent: it lived to the end. Nothing is owed to it from then on. */
  closedAtMs?: number;
  /** In arrival order. */
  heard: readonly HeardMessage[];
}

export type Anomaly = "lost" | "duplicate" | "reordered" | "foreign" | "ghost" | "unknown-marker";

export interface DeliveryFinding {
  anomaly: Anomaly;
  marker: string;
  listener: string;
  text: string;
}

/** All anomalies, in the order of listeners and of their messages; empty means exactly once, in order, to everyone. Linear in the history. */
export function checkDelivery(sent: readonly SentMessage[], listeners: readonly Listener[]): DeliveryFinding[] {
  const byMarker = new Map(sent.map((message) => [message.marker, message]));
  return listeners.flatMap((listener) => checkListener(listener, sent, byMarker));
}

function checkListener(listener: Listener, sent: readonly SentMessage[], byMarker: ReadonlyMap<string, SentMessage>): DeliveryFinding[] {
  const findings: DeliveryFinding[] = [];
  const find = (anomaly: Anomaly, marker: string, text: string): void => {
    findings.push({ anomaly, marker, listener: listener.name, text: `${listener.name}: ${text}` });
  };
  const counts = new Map<string, number>();
  const lastSequence = new Map<string, number>();
  for (const { marker } of listener.heard) {
    const count = (counts.get(marker) ?? 0) + 1;
    counts.set(marker, count);
    const message = byMarker.get(marker);
    if (message === undefined) find("unknown-marker", marker, `heard ${marker}, which nobody sent`);
    else if (count > 1) find("duplicate", marker, `heard ${marker} ${count} times`);
    else if (message.room !== listener.room) find("foreign", marker, `heard ${marker} of room ${message.room}, but listens to ${listener.room}`);
    else if (message.fate === "refused") find("ghost", marker, `heard ${marker}, which was refused`);
    else {
      const last = lastSequence.get(message.sender) ?? -1;
      if (message.sequence < last) find("reordered", marker, `heard ${message.sender}'s message ${message.sequence} after message ${last}`);
      else lastSequence.set(message.sender, message.sequence);
    }
  }
  for (const message of sent) {
    const owed =
      message.room === listener.room &&
      message.fate === "acknowledged" &&
      message.sentAtMs >= listener.confirmedAtMs &&
      (listener.closedAtMs === undefined || message.sentAtMs < listener.closedAtMs);
    if (owed && !counts.has(message.marker)) find("lost", message.marker, `never heard ${message.marker}`);
  }
  return findings;
}
