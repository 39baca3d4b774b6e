// Mutants of contract/gateway-chat/doors.ts: raw rooms that are entered wrongly, and gateways that change what passes.

import { patch, type Mutant } from "../../faulty.ts";

const system = "gateway-chat";
const stack = true;
const rooms = "server/systems/gateway-chat/raw-rooms.ts";
const sockJs = "server/sockjs/http.ts";
const webSocket = "server/realtime/websocket.ts";
const gateway = "deploy/nginx/gateway.conf";
const everything = "location / { proxy_pass http://$system; }";

export const doors: readonly Mutant[] = [
  {
    id: "doors-address-alone",
    what: "a first message enters no room",
    system,
    patches: [patch(rooms, "if (this.roomId === undefined && !this.#ended) this.#doors.enter(request.roomId);", "")],
    red: ["doors.first-message-enters"],
  },
  {
    id: "doors-any-room",
    what: "a socket may speak in every room",
    system,
    patches: [patch(rooms, "if ((this.roomId ?? request.roomId) !== request.roomId)", 'if (request.roomId === "")')],
    red: ["doors.one-room-a-socket"],
  },
  {
    id: "doors-silent-at-bad-json",
    what: "what is no JSON is not answered",
    system,
    patches: [
      patch(
        rooms,
        "if (problem.status >= 500) this.#options.onFault(error);\n      this.#tellError(problem.message);",
        "if (problem.status >= 500) this.#options.onFault(error);",
      ),
    ],
    red: ["doors.bad-json-is-answered"],
  },
  {
    id: "doors-cors-twice",
    what: "two say what pages of other origins may do",
    system,
    patches: [
      patch(
        sockJs,
        'response.setHeader("Access-Control-Allow-Origin", origin ?? "*");',
        'response.setHeader("Access-Control-Allow-Origin", ["*", origin ?? "*"]);',
      ),
    ],
    red: ["doors.one-cors-header"],
  },
  {
    id: "doors-gateway-repeats-cors",
    what: "the gateway adds its word on pages of other origins to the instance's",
    system,
    stack,
    patches: [patch(gateway, "proxy_hide_header Access-Control-Allow-Origin;", "")],
    red: ["doors.one-cors-header"],
  },
  {
    id: "doors-no-preflight",
    what: "a preflight request is answered 404",
    system,
    patches: [
      patch(
        sockJs,
        'if (request.method === "OPTIONS") return preflight(request, response, route.method);',
        'if (request.method === "OPTIONS") return respond(response, 404);\n    void preflight;',
      ),
    ],
    red: ["doors.preflight-is-answered"],
  },
  {
    id: "doors-no-subprotocol",
    what: "the gateway keeps the offered subprotocols to itself",
    system,
    stack,
    patches: [patch(gateway, everything, `proxy_set_header Sec-WebSocket-Protocol "";\n${everything}`)],
    red: ["doors.subprotocol-passes"],
  },
  {
    id: "doors-lenient-behind-the-gateway",
    what: "what comes through the gateway need not be UTF-8, and ends no connection",
    system,
    stack,
    patches: [
      patch(
        webSocket,
        "const pace = new Pace(upgradesPerRound);",
        "const lenient = new WebSocketServer({ noServer: true, clientTracking: false, skipUTF8Validation: true });\n  const pace = new Pace(upgradesPerRound);",
      ),
      patch(
        webSocket,
        "server.handleUpgrade(request, socket, head, (webSocket) =>",
        '(request.headers["x-forwarded-for"] === undefined ? server : lenient).handleUpgrade(request, socket, head, (webSocket) =>',
      ),
    ],
    red: ["doors.close-code-passes"],
  },
  {
    id: "doors-no-raw-rooms",
    what: "the gateway knows no raw rooms",
    system,
    stack,
    patches: [patch(gateway, everything, `${everything}\nlocation /ws/ { return 404; }`)],
    red: ["doors.raw-rooms-pass"],
  },
  {
    id: "doors-impatient",
    what: "the gateway ends what is silent for 10 s",
    system,
    stack,
    patches: [patch(gateway, "proxy_read_timeout 1h;", "proxy_read_timeout 10s;")],
    red: ["doors.idle-stays-open"],
  },
];
