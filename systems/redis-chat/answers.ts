// What servers of the kind answer, bare or wrapped: clones put it in `data` or `result`, and call ids by other names.
// Imports nothing. Source: the Redis chat contract, "REST", known deviations of clones.

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** Without its wrapper. */
function contentOf(value: unknown): unknown {
  if (Array.isArray(value)) return value;
  const { data, result } = fieldsOf(value);
  return data ?? result ?? value;
}

export function listOf<T>(value: unknown): T[] {
  const content = contentOf(value);
  return Array.isArray(content) ? (content as T[]) : [];
}

/** Of a member or a room: a bare number, or a field of an object. */
export function idOf(value: unknown): number | string | undefined {
  const content = contentOf(value);
  const { id, memberId, chatMemberId, roomId } = fieldsOf(content);
  const found = typeof content === "object" ? (id ?? memberId ?? chatMemberId ?? roomId) : content;
  return typeof found === "number" || (typeof found === "string" && found !== "") ? found : undefined;
}

export function tokenOf(value: unknown): string | undefined {
  const { token, accessToken } = fieldsOf(contentOf(value));
  const found = token ?? accessToken;
  return typeof found === "string" && found !== "" ? found : undefined;
}
