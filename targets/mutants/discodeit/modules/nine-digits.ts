// A message with nine fraction digits in its instant, of which six remain when they are rounded, as a JVM tells it
// live.

/** `payload`: a MessageDto whose instant has six. */
export function nineDigits(payload: unknown): unknown {
  const { createdAt } = payload as { createdAt: string };
  const before = new Date(Date.parse(createdAt) - 1).toISOString();
  const microseconds = Number(createdAt.slice(23, 26));
  return {
    ...(payload as object),
    createdAt: before.replace("Z", `${String(999_501 + microseconds * 1_000).slice(-6)}Z`),
  };
}
