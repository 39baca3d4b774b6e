// The page that our clients stand for: which Origin they name, and when. A browser names the page's origin on each
// WebSocket handshake and on each request that changes something or goes to another origin; a page's GET to its own
// origin names none. Source: the Fetch standard, "Origin header".

/** "own": each instance's own pages. Undefined: no browser, no Origin. */
export type PageOrigin = string | undefined;

/** An origin as browsers write it; of a WebSocket's address the one of its page. */
export const originOf = (url: string): string => new URL(url.replace(/^ws/, "http")).origin;

/** Which Origin a request names. `handshake`: it opens a WebSocket. */
export function originHeader(page: PageOrigin, method: string, url: string, handshake = false): string | undefined {
  if (page === undefined) return undefined;
  const own = originOf(url);
  const origin = page === "own" ? own : page;
  const isSafe = method === "GET" || method === "HEAD";
  return isSafe && !handshake && origin === own ? undefined : origin;
}

/** The same as a header; `origin` is sent instead of it, null: none. */
export function originHeaders(
  { network, origin }: { network: { page: PageOrigin }; origin?: string | null | undefined },
  method: string,
  url: string,
  handshake = false,
): { origin?: string } {
  const named = origin === undefined ? originHeader(network.page, method, url, handshake) : origin;
  return named === undefined || named === null ? {} : { origin: named };
}
