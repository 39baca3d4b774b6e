// The error of whoever writes a report. A file of its own: who only tells of it needs no renderer.

/** A file could not be written. `hint`: what to do about it. */
export class WriteError extends Error {
  override readonly name = "WriteError";
  readonly hint: string;

  constructor(message: string, hint: string, cause: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}
