// A proxy as deployments have them: TLS with a certificate of a private CA, everything below a base path, listening on
// ::1 alone, which is what
// `localhost` means on some machines (by its name it cannot be reached on the others). It passes requests and upgrades
// on to one plain HTTP server.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";

export interface TlsProxy extends AsyncDisposable {
  url: string;
  /** PEM text of the CA. */
  ca: string;
}

const basePath = "/chat";

export async function openTlsProxy(upstream: string): Promise<TlsProxy> {
  const { ca, key, cert } = makeCertificates();
  const { hostname, port } = new URL(upstream);
  const below = (url: string | undefined): string | undefined =>
    url?.startsWith(`${basePath}/`) === true ? url.slice(basePath.length) : undefined;
  const server = https.createServer({ key, cert }, (request, response) => {
    const target = below(request.url);
    if (target === undefined) return void response.writeHead(404).end();
    const passed = http.request(
      { hostname, port, path: target, method: request.method, headers: request.headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    request.pipe(passed);
  });
  const sockets = new Set<Duplex>();
  server.on("secureConnection", (socket) => sockets.add(socket));
  server.on("upgrade", (request: http.IncomingMessage, socket: Duplex, head: Buffer) => {
    const target = below(request.url);
    if (target === undefined) return void socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
    const passed = net.connect(Number(port), hostname, () => {
      const lines = request.rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [`${name}: ${request.rawHeaders[at + 1]}`] : [],
      );
      passed.write(`GET ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      passed.write(head);
      passed.pipe(socket).pipe(passed);
    });
    for (const [one, other] of [
      [socket, passed],
      [passed, socket],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve, reject) =>
    server.once("error", reject).listen({ host: "::1", port: 0, ipv6Only: true }, resolve),
  );
  return {
    url: `https://[::1]:${(server.address() as net.AddressInfo).port}${basePath}`,
    ca,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A CA of its own, and a certificate for ::1 signed by it, good for a day. */
function makeCertificates(): { ca: string; key: string; cert: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "rollcall-tls-"));
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    openssl(
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "1",
      "-subj",
      "/CN=Rollcall test CA",
    );
    openssl(
      "req",
      ...newKey,
      "-keyout",
      "key.pem",
      "-out",
      "request.pem",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost,IP:::1",
    );
    openssl(
      "x509",
      "-req",
      "-in",
      "request.pem",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-out",
      "cert.pem",
      "-days",
      "1",
      "-copy_extensions",
      "copy",
    );
    const read = (name: string): string => readFileSync(path.join(folder, name), "utf8");
    return { ca: read("ca.pem"), key: read("key.pem"), cert: read("cert.pem") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
