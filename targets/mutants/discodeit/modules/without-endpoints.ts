// Stands in for server/http.ts: some endpoints are not there. WITHOUT is a regular expression of them, as in "^GET
// /api/sse"; WITHOUT_STATUS is what they answer. An upgrade is told as UPGRADE.

import { createHttpServer as create } from "../../../../server/http.ts";

export * from "../../../../server/http.ts";

const absent = new RegExp(process.env["WITHOUT"] ?? "^$");
const status = Number(process.env["WITHOUT_STATUS"] ?? 404);

export const createHttpServer: typeof create = (options) => {
  const server = create(options);
  const answer = server.listeners("request");
  const upgrade = server.listeners("upgrade");
  server.removeAllListeners("request").removeAllListeners("upgrade");
  server.on("request", (request, response) => {
    if (!absent.test(`${request.method} ${request.url}`))
      for (const listener of answer) listener.call(server, request, response);
    else
      request
        .resume()
        .on("end", () =>
          response.writeHead(status, { "Content-Type": "application/json" }).end(`{"status":${status}}`),
        );
  });
  server.on("upgrade", (request, socket, head) => {
    if (absent.test(`UPGRADE ${request.url}`))
      socket.end(`HTTP/1.1 ${status} Absent\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    else for (const listener of upgrade) listener.call(server, request, socket, head);
  });
  return server;
};
