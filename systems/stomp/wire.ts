// The names of the profile's wire, as our own server has them. Imports nothing. Source: the STOMP contract.

/** Plain WebSocket. */
export const nativeEndpoint = "/stomp";
export const sockJsEndpoint = "/stomp-sockjs";

/** Of a server that nobody gave users, and of the verifier that asks it. */
export const demoUser = { name: "demo", password: "rollcall-demo" } as const;

/** `name:password,…`; a password may have colons, and neither a comma. Throws where an entry is none. */
export function usersIn(list: string): { name: string; password: string }[] {
  const entries = list.split(",").filter((entry) => entry !== "");
  return entries.map((entry, at) => {
    const colon = entry.indexOf(":");
    // The text is not repeated: it may be a password.
    if (colon < 1 || colon === entry.length - 1) throw new Error(`entry ${at + 1} is not name:password`);
    return { name: entry.slice(0, colon), password: entry.slice(colon + 1) };
  });
}

/** Where what nobody could use is kept. */
export const deadLetterQueue = "/queue/dead-letter";
