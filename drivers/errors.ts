// Who is to blame when talking to a target goes wrong. Three classes, so that a verdict follows from the class alone.
// Messages name the action, a colon, the value: Cannot subscribe to "/sub/x": closed with 1002 after 14 ms.

/** The target said no, hung up, or answered nonsense. Counts against the target where the clause says so. */
export class TargetError extends Error {
  readonly code: "refused" | "closed" | "malformed" | "unreachable";
  constructor(code: "refused" | "closed" | "malformed" | "unreachable", message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TargetError";
    this.code = code;
  }
}

/** Nothing came in time. `received` holds what did come instead, oldest first. */
export class TimeoutError extends Error {
  readonly code = "timeout";
  readonly received: readonly unknown[];
  constructor(message: string, received: readonly unknown[] = []) {
    super(message);
    this.name = "TimeoutError";
    this.received = received;
  }
}

/** We, Docker or the network failed. Never counts against the target. */
export class HarnessError extends Error {
  readonly code = "harness";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HarnessError";
  }
}
