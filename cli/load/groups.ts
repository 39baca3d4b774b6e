// Who is together in a room? Where a room holds few people there are several groups of listeners, each with rooms of
// its own; the publisher is in all of them.

export interface Group {
  /** Listeners, by their numbers. */
  members: number[];
  /** How many rooms they have. */
  rooms: number;
}

/** `capacity`: of a room, the publisher included; undefined: everybody fits in. */
export function groupsOf(listeners: number, options: { capacity: number | undefined; roomsMin: number }): Group[] {
  const { capacity = Infinity, roomsMin } = options;
  const size = Math.max(1, Math.min(capacity - 1, listeners));
  const count = Math.ceil(listeners / size);
  const rooms = Math.max(1, Math.ceil(roomsMin / count));
  return Array.from({ length: count }, (_, group) => ({
    members: Array.from({ length: Math.min(size, listeners - group * size) }, (_member, at) => group * size + at),
    rooms,
  }));
}
