// The names and numbers of the event streams that our own server has, once. Imports nothing. Source: the page on event
// streams.

/** GET is a stream, POST publishes into it. */
export const streamPath = (name: string): string => `/streams/${name}`;
/** A stream comes about by being asked for. */
export const streamName = /^[A-Za-z0-9._-]{1,64}$/;
/** In which the verifier publishes and listens. */
export const ownStream = "rollcall";

export const retryMs = 3_000;

/** Of a server that nobody gave tokens, and of the verifier that asks it. */
export const demoToken = "rollcall-demo-token-of-sse";

/** Characters of an event's name; bytes (UTF-8) of its data. */
export const limits = {
  eventNameMax: 100,
  dataBytesMax: 64 * 1024,
} as const;

/** What a stream keeps for those who resume. */
export const retention = {
  eventsMax: 1_000,
  bytesMax: 8 * 1024 * 1024,
  ageMsMax: 60 * 60 * 1_000,
} as const;
