// STOMP CONNECT: who gets in, versions, heart-beats, and how a refusal looks. Source: the Discodeit contract, "STOMP";
// obligations STS, SEC.

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const connect = {
  "connect.with-a-token": {
    level: "MUST",
    text: "CONNECT with the credential of a login is answered CONNECTED.",
    source: "STOMP, CONNECT",
    features: ["credential"],
  },
  "connect.without-a-token": {
    level: "MUST",
    security: true,
    text: "CONNECT without a token gets ERROR, close or both, never CONNECTED.",
    source: "STOMP, CONNECT",
    negative: true,
    features: ["credential"],
  },
  "connect.with-a-bad-token": {
    level: "MUST",
    security: true,
    text: "CONNECT with a garbage, tampered or alg-none token is never answered CONNECTED.",
    source: "STOMP, CONNECT",
    needs: ["bearer"],
    negative: true,
    features: ["credential"],
  },
  "connect.with-an-ended-token": {
    level: "MUST",
    security: true,
    text: "CONNECT with the token of an ended login is never answered CONNECTED.",
    source: "STOMP, CONNECT",
    negative: true,
    features: ["credential", "log-out"],
  },
  "connect.stomp-frame-is-checked": {
    level: "SHOULD",
    security: true,
    text: "The frame STOMP is CONNECT by another name: with a token it connects, without one it is refused.",
    source: "STOMP, frame STOMP; STS-02",
    negative: true,
    features: ["credential"],
  },
  "connect.header-name-is-exact": {
    level: "SHOULD",
    text: "The header is Authorization exactly: a lower-case one is no credential.",
    source: "STOMP, header names",
    needs: ["bearer", "open-handshake"],
    negative: true,
    of: systemNames,
    features: ["credential"],
  },
  "connect.refusal-is-error-then-close": {
    level: "SHOULD",
    text: "A refused CONNECT gets an ERROR frame, and then the connection closes.",
    source: "STS-08",
    needs: ["open-handshake"],
    negative: true,
    features: ["credential"],
  },
  "connect.error-reveals-nothing": {
    level: "SHOULD",
    security: true,
    text: "ERROR text holds no class names, SQL, paths or tokens.",
    source: "STS-24",
    needs: ["bearer", "open-handshake"],
    negative: true,
    features: ["credential"],
  },
  "connect.first-frame": {
    level: "SHOULD",
    security: true,
    text: "SUBSCRIBE or SEND before CONNECT has no effect and ends the connection.",
    source: "STS-06",
    negative: true,
    features: ["credential", "text"],
  },
  "connect.twice": {
    level: "SHOULD",
    text: "A second CONNECT never yields a second CONNECTED.",
    source: "STS-07",
    negative: true,
  },
  "connect.highest-common-version": {
    level: "SHOULD",
    text: "The session uses the highest of the versions 1.0, 1.1, 1.2 that the client knows, whatever their order.",
    source: "STS-03",
  },
  "connect.no-common-version": {
    level: "house",
    text: "Without a common version: ERROR with the supported list, then close.",
    source: "STS-05",
    negative: true,
  },
  "connect.heart-beat-offer": {
    level: "house",
    text: "CONNECTED says heart-beat:10000,10000.",
    source: "STOMP, heart-beat",
    of: systemNames,
  },
  "connect.heart-beats-flow": {
    level: "SHOULD",
    text: "When both sides promised, the server writes at least every 10 s.",
    source: "STS-12, STS-16",
    needs: ["patience"],
  },
  "connect.silent-client-is-dropped": {
    level: "SHOULD",
    text: "A client that promised heart-beats and goes silent is disconnected within three intervals.",
    source: "STS-13",
    needs: ["patience"],
  },
  "connect.no-heart-beats-unasked": {
    level: "SHOULD",
    text: "A client that asked for no heart-beats gets none and is not dropped for silence.",
    source: "STS-15",
    needs: ["patience"],
    negative: true,
  },
  "connect.disconnect-receipt": {
    level: "SHOULD",
    text: "DISCONNECT with receipt is answered with RECEIPT.",
    source: "STS-27",
  },
  "connect.disconnect-without-receipt": {
    level: "house",
    text: "DISCONNECT without receipt ends without an ERROR.",
    source: "STS-28",
    negative: true,
  },
} as const satisfies Area<"connect">;
