// As `present` of server/realtime/realtime.ts, but for presence: connections are admitted and not counted.

import type { Principal } from "../../../../server/realtime/ports.ts";

/** By its form: the class may be that of a patched copy. */
interface Admissions<T> {
  add(member: T, principal: Principal): boolean;
  remove(member: T, principal: Principal): void;
}

export function uncounted<T>(admissions: Admissions<T>) {
  return {
    admit: (member: T, principal: Principal): boolean => admissions.add(member, principal),
    dismiss: (member: T, principal: Principal): void => admissions.remove(member, principal),
  };
}
