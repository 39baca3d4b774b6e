// The common mistakes of the field, each in the words that name it and mend it, by a key of its own. The verifier names
// one when it meets it (runner/diagnosis.ts, runner/surroundings.ts); those in the wiring of one system stand in
// systems/. A key becomes the id of a cause (reports/cause-ids.ts): it is never renamed, its words may be.

/** Of the server itself. */
export const diagnoses = {
  eventName:
    "wrong event name: the event came, but under another name; the contract's names are case-sensitive and EventSource listeners never hear it",
  textPayload: "text-only payload: the body must be the whole message as JSON (send the DTO, not its content)",
  duplicate:
    "duplicate delivery: it is published twice, for instance by the controller and by a listener of the same event, or by two consumers",
  oneInstance:
    "what is said on one instance does not reach all: each instance needs a consumer group of its own; one shared group gives each record to one instance only, and without a broker in between each tells its own clients alone; in Spring: so do the simple broker and SseEmitter",
  idIgnored:
    "the Last-Event-ID header is ignored: this server reads the last id elsewhere or nowhere; browsers' reconnects send the header",
  notKept:
    "nothing is replayed, whichever way the last id is sent: keep each event with its id and receivers (a table, a Redis stream), read Last-Event-ID, and send what comes after it to the new stream before anything live; in Spring: @RequestHeader with required = false, and the new SseEmitter",
  keptByOne:
    "an instance replays only what was said on it: the events that it keeps are in its own memory; keep them where all instances read (a table, a Redis stream)",
  replayedToOthers:
    "what was missed is sent to the user's other streams and not to the one that resumes: register the new stream first, and replay to it alone, not to all of the user's; in Spring: to the new SseEmitter",
  idsDiffer:
    "each instance gives one event an id of its own: make the id once, where the event is made, and carry it in the record (Kafka, Redis), so that a client can resume on any instance",
  staleList:
    "the list is read from a cache that the event does not renew: who looked before does not see what was told, who never looked does; evict the same key where a row is made, changed or deleted, after the commit, from a cache that all instances share; in Spring: @Cacheable needs such a @CacheEvict",
  brokenCache:
    "a list that was just read is a 500 when it is read again: what its cache holds cannot be read back; let the serializer note the type of all that is kept; in Spring: records and what toList() gives are final, and with Redis and Jackson DefaultTyping.NON_FINAL notes no type of them; EVERYTHING does",
  deadEmitters:
    "a stream that is gone makes an unrelated request a 500: writing to it throws; catch that, forget the stream, and go on with the next; in Spring: SseEmitter.send throws IOException or IllegalStateException, and onCompletion, onTimeout and onError remove the emitter",
  replayOfOthers:
    "replay does not ask who an event was for: keep the receivers with each event, and replay to them alone",
  replaysEverything:
    "an unknown id replays everything: look the id up in the log, and when it is not there send replay.gap and nothing old",
  adminRefused:
    "an admin is refused for lack of hierarchy: what a user may an admin may, over the WebSocket as well; in Spring: declare the RoleHierarchy for message security, too",
  sockjsCsrf:
    "SockJS's XHR transports are refused by CSRF protection: exempt the endpoint and all below it – it reads no cookie, CONNECT carries the credential – or clients behind a proxy without WebSocket are shut out",
  pattern:
    "a subscription to a pattern hears every room: refuse every SUBSCRIBE whose destination is not exactly that of one room; in Spring: in an inbound channel interceptor, for the simple broker matches patterns",
  anonymousConnect:
    "CONNECT without a token let in: authenticate CONNECT (and STOMP), and refuse every other frame of a session without a user; in Spring: in an inbound channel interceptor",
  endedToken:
    "CONNECT lets the token of an ended login in, which REST refuses: ask the registry of logins at CONNECT, too, not the signature alone",
  framesBeforeConnect:
    "frames before CONNECT are acted on: refuse every frame of a session without a user, SEND and SUBSCRIBE included; in Spring: in an inbound channel interceptor",
  guardedHandshake:
    "the WebSocket handshake needs a token, which no browser can send with it: permit the endpoint and all below it, the credential comes with CONNECT",
  outlivesLogin:
    "open connections outlive the login: close the user's sockets and streams on logout, second login, role change and deletion, on every instance",
  burstOrder:
    "a burst arrives out of order: frames of one connection are handled or sent in parallel, as by a thread pool; in Spring: setPreservePublishOrder(true) and setPreserveReceiveOrder(true)",
  seventhStream:
    "a seventh event stream hangs: over HTTP/1.1 six connections a host are all a browser opens, and this server (or its proxy) holds the seventh back; serve HTTP/2, or share one stream between tabs",
  refusedCookie:
    "browsers throw a cookie away: SameSite=None needs Secure, Secure needs https (or this machine), Domain must be the server's own; no page can use it",
  shutOut:
    "every browser is shut out, other clients are not: no page's origin is let in; allow the front end's for the WebSocket and by CORS, or name it with --origin; in Spring: setAllowedOriginPatterns of the endpoint",
  privateLeak:
    "a private room leaks: check at SUBSCRIBE, SEND and in REST that the user is a participant, and tell its events to participants alone",
} as const;

/** Of what stands in front of it. */
export const surroundingMistakes = {
  noUpgrade:
    'no WebSocket gets through, while SockJS over XHR does: a proxy in front does not pass the upgrade; in Nginx set proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and Connection "upgrade" for the endpoint',
  notSticky:
    "requests of one SockJS session reach instances that do not know it: no sticky sessions; balance by the session segment of /ws/{server}/{session}/{transport}, or by ip hash",
  bufferedStream:
    "events are held back until many of them have come: a proxy in front buffers the stream; in Nginx set proxy_buffering off for the event stream, or answer with X-Accel-Buffering: no",
} as const;
