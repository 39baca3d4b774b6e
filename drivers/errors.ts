// Who is to blame when talking to a target goes wrong. Three classes, so that a verdict follows from the class alone.
// Messages name the action, a colon, the value: Cannot subscribe to "/sub/x": closed with 1002 after 14 ms.
// Terms: hint – one next step in plain words, given only where the cause is certain.

export interface HintedOptions extends ErrorOptions {
  hint?: string | undefined;
  connection?: string | undefined;
}

/** The target said no, hung up, or answered nonsense. Counts against the target where the clause says so. */
export class TargetError extends Error {
  readonly code: "refused" | "closed" | "malformed" | "unreachable";
  /** What was being done, when something else rests on it: set by whoever does the step, as "sign up". */
  step: string | undefined;
  /** Where it was seen: the name of a connection in the transcript. */
  readonly connection: string | undefined;
  readonly hint: string | undefined;
  /** Of the HTTP answer that said no. */
  readonly status: number | undefined;
  constructor(
    code: "refused" | "closed" | "malformed" | "unreachable",
    message: string,
    options?: HintedOptions & { status?: number },
  ) {
    super(message, options);
    this.name = "TargetError";
    this.code = code;
    this.connection = options?.connection;
    this.hint = options?.hint;
    this.status = options?.status;
  }
}

export type AwaitLate = (limitMs: number) => Promise<number | undefined>;

/** Whether somebody was refused for want of a credential. */
export const isUnauthorized = (error: unknown): error is TargetError =>
  error instanceof TargetError && (error.status === 401 || error.status === 403);

/** What leaves open whether something was made: it may be there already, or be made later. */
const doubtful = new Set([408, 409, 429]);

/** Whether a refusal of what would make something says clearly that nothing was made. */
export const madeNothing = (error: unknown): error is TargetError => {
  if (!(error instanceof TargetError)) return false;
  const { code, status = 0 } = error;
  return code === "unreachable" || status === 501 || (status >= 400 && status < 500 && !doubtful.has(status));
};

/** Nothing came in time. `received` holds what did come instead, oldest first. */
export class TimeoutError extends Error {
  readonly code = "timeout";
  readonly received: readonly unknown[];
  /** As TargetError's. */
  step: string | undefined;
  /** Goes on waiting: resolves with how much too late it came, undefined when it did not come in this time either. */
  readonly awaitLate: AwaitLate | undefined;
  /** As TargetError's. */
  readonly connection: string | undefined;
  readonly hint: string | undefined;
  constructor(message: string, received: readonly unknown[] = [], options?: HintedOptions & { awaitLate?: AwaitLate }) {
    super(message, options);
    this.name = "TimeoutError";
    this.received = received;
    this.awaitLate = options?.awaitLate;
    this.connection = options?.connection;
    this.hint = options?.hint;
  }
}

/** We, Docker or the network failed. Never counts against the target. */
export class HarnessError extends Error {
  readonly code = "harness";
  readonly hint: string | undefined;
  constructor(message: string, options?: HintedOptions) {
    super(message, options);
    this.name = "HarnessError";
    this.hint = options?.hint;
  }
}

/** Does a step of something else: what the target does wrong in it is marked so, with the innermost step's name. */
export async function inStep<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) error.step ??= step;
    throw error;
  }
}
