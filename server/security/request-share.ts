// Whose share does what a request makes us keep count for? The address's until the bearer token was checked, then the
// user's.

import { bodyIntake } from "../turns.ts";
import type { ByteBudget, Holding } from "./budget.ts";

const MiB = 1024 * 1024;
/** JSON and form bodies: one that anybody may send is small, and so is what an address may have under way. */
const strangerBodyBytesMax = 16 * 1024;
const strangerBodiesBytesMax = MiB;
const userBodyBytesMax = MiB;
const userBodiesBytesMax = 16 * MiB;
/** Beside the files themselves: text parts, boundaries. */
const formBytesMax = 2 * MiB;

export interface Budgets {
  inbound: ByteBudget;
  uploads: ByteBudget;
}

export class RequestShare {
  readonly #budgets: Budgets;
  readonly #address: string;
  #userId: string | undefined;

  constructor(budgets: Budgets, address: string) {
    this.#budgets = budgets;
    this.#address = address;
  }

  belongsTo(userId: string): void {
    this.#userId = userId;
  }

  /** The longest JSON or form body that its sender may send, in bytes. */
  get bodyBytesMax(): number {
    return this.#userId === undefined ? strangerBodyBytesMax : userBodyBytesMax;
  }

  openBody(): Holding {
    const bytesMax = this.#userId === undefined ? strangerBodiesBytesMax : userBodiesBytesMax;
    return this.#budgets.inbound.open({ key: this.#key, bytesMax });
  }

  /** For a form with files of so many bytes in all: a share is one such form. */
  openUpload(filesBytesMax: number): Holding {
    return this.#budgets.uploads.open({ key: this.#key, bytesMax: filesBytesMax + formBytesMax });
  }

  /** Asked after each piece of a form: resolves when the next one may be taken; undefined: at once. */
  nextPiece(): Promise<void> | undefined {
    return bodyIntake.next(this.#key);
  }

  get #key(): string {
    return this.#userId ?? this.#address;
  }
}
