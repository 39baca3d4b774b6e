// Ctrl-C and its kin: the first asks for an orderly end, a later one ends at once. A terminal signals the whole group
// and the launcher passes its own signal on, so the same Ctrl-C may come twice within milliseconds: that is one.

const sameSignalMs = 1_000;
/** All is tidied up and said: what holds an interrupted process then, as a browser that closes, is not waited for. */
const lingerMs = 1_000;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The exit code of everything that was interrupted. */
export const interruptedExitCode = 130;

/** The last word of a command that makes accounts and rooms. */
export const printInterrupted = (isLeft: boolean): void =>
  console.error(
    isLeft
      ? "interrupted: what could not be deleted is named above"
      : "interrupted: nothing that was made is left behind",
  );

export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

/** What catches signals until a command does so itself. */
let early: (() => void) | undefined;

/** From the first moment on: before a command has begun anything there is nothing to tidy up. */
export function catchEarly(): void {
  early = () => {
    console.error("interrupted");
    process.exit(interruptedExitCode);
  };
  for (const signal of signals) process.on(signal, early);
}

/** Signals are the command's own business from now on. */
export function takeOver(): void {
  if (early !== undefined) for (const signal of signals) process.off(signal, early);
  early = undefined;
}

/** Catches signals until it is disposed. */
export function openInterrupt(): Interrupt {
  const abort = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (): void => {
    const nowMs = performance.now();
    firstMs ??= nowMs;
    abort.abort();
    if (nowMs - firstMs <= sameSignalMs) return;
    console.error("interrupted again: ended before everything was tidied up");
    process.exit(interruptedExitCode);
  };
  for (const signal of signals) process.on(signal, onSignal);
  takeOver();
  return {
    signal: abort.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, onSignal);
      if (abort.signal.aborted) setTimeout(() => process.exit(), lingerMs).unref();
    },
  };
}
