// Who is together in a room? Where a room holds few people there are several groups of listeners, each with rooms of
// its own; whoever speaks is in all of them.

export interface Group {
  /** Listeners, by their numbers. */
  members: number[];
  /** How many rooms they have. */
  rooms: number;
}

/** `capacity`: of a room, those who speak included. */
export function groupsOf(
  listeners: number,
  { capacity, speakers, roomsMin }: { capacity: number; speakers: number; roomsMin: number },
): Group[] {
  const size = Math.max(1, Math.min(capacity - speakers, listeners));
  const count = Math.ceil(listeners / size);
  const rooms = Math.max(1, Math.ceil(roomsMin / count));
  return Array.from({ length: count }, (_, group) => ({
    members: Array.from({ length: Math.min(size, listeners - group * size) }, (_member, at) => group * size + at),
    rooms,
  }));
}
