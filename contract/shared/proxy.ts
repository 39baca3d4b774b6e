// Behind the reverse proxy: upgrades, streams and SockJS pass, and the instance that answered is named. Source: the
// Discodeit contract, "Deployment".

import { systemNames } from "../../systems/discodeit/wire.ts";
import type { Area } from "../clause.ts";

export const proxy = {
  "proxy.names-the-upstream": {
    level: "SHOULD",
    text: "Proxied responses carry X-Upstream-Server, errors included.",
    source: "REST; Deployment",
    needs: ["proxy"],
    of: systemNames,
  },
  "proxy.spreads-the-load": {
    level: "SHOULD",
    text: "Requests reach more than one instance.",
    source: "Deployment",
    needs: ["proxy", "two-instances"],
    of: systemNames,
  },
  "proxy.websocket-passes": {
    level: "MUST",
    text: "WebSocket upgrades pass the proxy: STOMP connects and hears.",
    source: "Deployment",
    needs: ["proxy"],
    features: ["stomp"],
  },
  "proxy.sse-is-not-buffered": {
    level: "MUST",
    text: "Events pass the proxy at once.",
    source: "Deployment; SSE-06",
    needs: ["proxy"],
    features: ["events"],
  },
  "proxy.sockjs-stays": {
    level: "MUST",
    text: "A SockJS session over XHR stays on one instance through the proxy.",
    source: "Deployment",
    needs: ["proxy"],
    features: ["stomp", "sockjs"],
  },
  "proxy.page-falls-back": {
    level: "SHOULD",
    text: "Unknown paths give the web page; unknown paths below /api and /ws do not.",
    source: "Deployment",
    needs: ["proxy"],
    of: systemNames,
  },
} as const satisfies Area<"proxy">;
