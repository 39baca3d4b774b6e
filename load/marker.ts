// What a load run says: `@@lane.sequence.microseconds@@`, somewhere in a body. It is looked for in octets, since there
// may be a hundred thousand a second: nothing in it changes in JSON, in a URL or in markup. Terms: lane, sequence – see
// checkers/deliveries.ts; microseconds – when it was due to be sent, by load/clock.ts.

export interface Marker {
  lane: number;
  sequence: number;
  dueUs: number;
}

export const markerOf = ({ lane, sequence, dueUs }: Marker): string => `@@${lane}.${sequence}.${dueUs}@@`;

const [at, dot, zero, nine] = [0x40, 0x2e, 0x30, 0x39];

/** Puts the first marker between `from` and `to` into `found`; false: there is none. */
export function findMarker(octets: Uint8Array, from: number, to: number, found: Marker): boolean {
  for (let start = from; start + 1 < to; start++)
    if (octets[start] === at && octets[start + 1] === at && readMarker(octets, start + 2, to, found)) return true;
  return false;
}

/** Where the next number is read: one for all calls, since none is interrupted. */
let position = 0;

function readMarker(octets: Uint8Array, from: number, to: number, found: Marker): boolean {
  position = from;
  const lane = numberUntil(dot, octets, to);
  if (lane < 0) return false;
  const sequence = numberUntil(dot, octets, to);
  if (sequence < 0) return false;
  const dueUs = numberUntil(at, octets, to);
  if (dueUs < 0 || position >= to || octets[position] !== at) return false;
  found.lane = lane;
  found.sequence = sequence;
  found.dueUs = dueUs;
  return true;
}

/** The digits up to this octet; -1: there is none, or something else stands there. */
function numberUntil(end: number, octets: Uint8Array, to: number): number {
  let value = 0;
  for (const first = position; position < to; position++) {
    const octet = octets[position]!;
    if (octet === end) return position++ === first ? -1 : value;
    if (octet < zero || octet > nine) return -1;
    value = value * 10 + (octet - zero);
  }
  return -1;
}
