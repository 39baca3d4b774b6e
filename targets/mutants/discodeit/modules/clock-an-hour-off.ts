// Imported before everything else: the process takes it to be an hour earlier or later than it is.

import { ServerResponse, type OutgoingHttpHeader, type OutgoingHttpHeaders } from "node:http";

const offsetMs = Number(process.env["CLOCK_OFFSET_MS"]);

globalThis.Date = new Proxy(Date, {
  construct: (real, parts, made): Date =>
    Reflect.construct(real, parts.length === 0 ? [real.now() + offsetMs] : parts, made) as Date,
  get: (real, name): unknown => (name === "now" ? () => real.now() + offsetMs : Reflect.get(real, name)),
});

// Node took the real one before us, for its header Date.
const { writeHead } = ServerResponse.prototype as { writeHead: (...parts: unknown[]) => ServerResponse };
ServerResponse.prototype.writeHead = function writeHeadShifted(
  this: ServerResponse,
  ...parts: (number | string | OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined)[]
): ServerResponse {
  this.setHeader("Date", new Date().toUTCString());
  return writeHead.apply(this, parts);
};
