// How many connections may wait for their CONNECT? Anybody can open a connection, so they are bounded in number, and
// whoever came first of those with the most makes room for a newcomer: a stranger who opens thousands pushes out only
// themselves. Terms: address = the client's, behind trusted proxies too.

export interface Waiting {
  readonly address: string;
  /** Ends it, because others need its place. */
  evict(): void;
}

const waitingMax = 4_000;

export class Lobby<T extends Waiting> {
  readonly #max: number;
  readonly #byAddress = new Map<string, Set<T>>();
  #count = 0;

  constructor(max: number = waitingMax) {
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  enter(member: T): void {
    let members = this.#byAddress.get(member.address);
    if (!members) this.#byAddress.set(member.address, (members = new Set()));
    members.add(member);
    this.#count += 1;
    if (this.#count > this.#max) this.#makeRoom(members);
  }

  /** It connected or ended. May be called again. */
  leave(member: T): void {
    const members = this.#byAddress.get(member.address);
    if (!members?.delete(member)) return;
    this.#count -= 1;
    if (members.size === 0) this.#byAddress.delete(member.address);
  }

  /** The oldest of the address with the most; `newcomers` are those of the address that came now, who win a tie. */
  #makeRoom(newcomers: ReadonlySet<T>): void {
    let most = newcomers;
    for (const members of this.#byAddress.values()) if (members.size > most.size) most = members;
    const [oldest] = most;
    if (!oldest) return;
    this.leave(oldest);
    oldest.evict();
  }
}
