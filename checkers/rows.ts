// How are millions of entries kept in memory? As columns: one typed array per field, doubled when full, no object per
// entry. Terms: row – one entry of a subscription's or a reader's log, in the order in which it came; name – a string
// that was given a number; variant – which of the ids told for a message this row told: 0 none, 1 the first one heard
// of, 2 the next different one …

/** No message, or no event id. */
export const none = 0xffff_ffff;

export const pushedFlag = 1;
export const otherHashFlag = 2;
export const otherRoomFlag = 4;
const variantShift = 3;
export const variantMax = 31;

/** A bijection of strings and 0, 1, 2 … in the order in which they were met. */
export class Names {
  readonly list: string[] = [];
  readonly #numbers = new Map<string, number>();

  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.list.length);
    return this.list.push(name) - 1;
  }
}

type TypedArray = Float64Array | Uint32Array | Uint16Array | Uint8Array;

export function grown<A extends TypedArray>(column: A, capacity: number): A {
  const larger = new (column.constructor as new (length: number) => A)(capacity);
  larger.set(column);
  return larger;
}

export class Rows {
  length = 0;
  message = new Uint32Array(16);
  epoch = new Uint16Array(16);
  atMs = new Float64Array(16);
  event = new Uint32Array(16);
  flags = new Uint8Array(16);

  push(message: number, epoch: number, atMs: number, event: number, flags: number, variant: number): void {
    const at = this.length++;
    if (at === this.message.length) this.#grow();
    this.message[at] = message;
    this.epoch[at] = epoch;
    this.atMs[at] = atMs;
    this.event[at] = event;
    this.flags[at] = flags | (variant << variantShift);
  }

  variant(at: number): number {
    return this.flags[at]! >>> variantShift;
  }

  #grow(): void {
    const capacity = this.message.length * 2;
    this.message = grown(this.message, capacity);
    this.epoch = grown(this.epoch, capacity);
    this.atMs = grown(this.atMs, capacity);
    this.event = grown(this.event, capacity);
    this.flags = grown(this.flags, capacity);
  }
}

/** The first number whose value is not less; values ascend. `count`: there is none. */
export function firstFrom(count: number, valueOf: (number: number) => number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueOf(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
