// Which systems does our server serve? One row each; ports, variables and the verifier's own list follow from it.
// Imports nothing.

export const served = {
  "discodeit-1": { port: 8080, proxyPort: 3000 },
  "discodeit-2": { port: 8081, proxyPort: 3002 },
  "study-room": { port: 8082, proxyPort: 3003 },
  "redis-chat": { port: 8083, proxyPort: 3004 },
  "gateway-chat": { port: 8084, proxyPort: 19091 },
  "gateway-chat-secure": { port: 8085, proxyPort: 19092 },
  stomp: { port: 8086, proxyPort: 3006 },
  sse: { port: 8087, proxyPort: 3007 },
} as const;

export type ServedSystem = keyof typeof served;
export const servedSystems = Object.keys(served) as ServedSystem[];

/** The variable that says on which port an instance serves the system: discodeit-1 → DISCODEIT_1_PORT. */
export const portVariable = (name: string): string => `${name.replaceAll("-", "_").toUpperCase()}_PORT`;

/** Where stomp is plain TCP, too: on an instance, and at the proxy. */
export const stompTcp = { port: 61_613, variable: "STOMP_TCP_PORT" } as const;

/** Free ports for all of them. */
export const freePortVariables: Readonly<Record<string, string>> = Object.fromEntries(
  [...servedSystems.map(portVariable), stompTcp.variable].map((variable) => [variable, "0"]),
);
