// As `present` of server/realtime/realtime.ts, but for presence: connections are admitted and not counted.

import type { Admissions } from "../../../../server/realtime/admissions.ts";
import type { Principal } from "../../../../server/realtime/ports.ts";

export function uncounted<T>(admissions: Admissions<T>) {
  return {
    admit: (member: T, principal: Principal): boolean => admissions.add(member, principal),
    dismiss: (member: T, principal: Principal): void => admissions.remove(member, principal),
  };
}
