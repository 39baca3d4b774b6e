// What is the matter when a connection breaks before anything was said? Only causes that are certain: an error that
// says so itself, or one that our own probe confirmed.

import { connect } from "node:tls";
import type { Network } from "./network.ts";

const probeMs = 2_000;

/** Per run, and per address: whether TLS is spoken there. */
const probes = new WeakMap<Network, Map<string, Promise<boolean>>>();

/** One next step, or undefined when the cause is not certain. Never throws. */
export async function hintFor(url: string, error: unknown, network: Network): Promise<string | undefined> {
  const { protocol, host } = new URL(url);
  const { code = "", message = "" } = error as Partial<NodeJS.ErrnoException>;
  if (protocol === "https:" || protocol === "wss:")
    return /wrong version number|packet length too long|EPROTO/i.test(`${code} ${message}`)
      ? `This port speaks no TLS: try http://${host}`
      : undefined;
  if (!/^(HPE_|ECONNRESET|EPIPE|UND_ERR_SOCKET)|parse error|hang up|closed/i.test(`${code} ${message}`))
    return undefined;
  if (network.answering.has(host)) return undefined;
  return (await speaksTls(host, network)) ? `This port speaks TLS: try https://${host}` : undefined;
}

function speaksTls(host: string, network: Network): Promise<boolean> {
  const known = probes.get(network) ?? new Map<string, Promise<boolean>>();
  probes.set(network, known);
  const probe = known.get(host) ?? shakesHands(host);
  known.set(host, probe);
  return probe;
}

function shakesHands(host: string): Promise<boolean> {
  const { hostname, port } = new URL(`http://${host}`);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || 80),
      // Only whether it shakes hands is asked; nothing is sent.
      rejectUnauthorized: false,
      timeout: probeMs,
    });
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), probeMs);
    socket.once("secureConnect", () => end(true));
    socket.on("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
