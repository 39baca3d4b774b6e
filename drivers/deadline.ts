// How long is something waited for? The one place where a promise races a timer.

/**
 * What `work` brings, or what `late` returns or throws once so many ms are over; the work itself goes on. Units: ms.
 * @throws what `work` and `late` throw.
 */
export async function within<T>(limitMs: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const lateness = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs))).then(late);
  try {
    return await Promise.race([work, lateness]);
  } finally {
    clearTimeout(timer);
  }
}

/** Aborts so many ms after another signal does; it keeps no process alive. */
export function delayed(signal: AbortSignal, delayMs: number): AbortSignal {
  const later = new AbortController();
  const onAbort = (): void => void setTimeout(() => later.abort(signal.reason), delayMs).unref();
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return later.signal;
}
