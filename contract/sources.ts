// Where a clause comes from: each source that a clause may name, in our own words, and the public text behind it.
// Terms: code – the number of an obligation, as STS-06; section – a part of the description of the Discodeit systems.
// `rollcall clauses --sources` makes docs/sources.md of this.

export interface Source {
  /** What it asks for, in a sentence. */
  text: string;
  /** The public text and its section; absent: no public text decides. */
  where?: string;
}

/** What each group of codes is about. */
export const groups: Readonly<Record<string, string>> = {
  C: "Basic cases that any system with rooms has to get right, whatever its protocol.",
  D: "Where Spring's default deviates from a specification.",
  DLV: "Delivery: who hears a message, and how often.",
  L: "Lessons from checking other servers.",
  LIF: "The life of connections and presence.",
  REP: "Replay on an event stream by Last-Event-ID.",
  RFC: "Public texts that a clause follows as they are.",
  SEC: "Logins, permissions and limits.",
  SJS: "The SockJS transports.",
  SND: "SEND in STOMP.",
  SSE: "The octets of an event stream.",
  STF: "The octets of a STOMP frame.",
  STS: "A STOMP session from CONNECT to DISCONNECT.",
  SUB: "Subscriptions in STOMP.",
  TXN: "Transactions in STOMP.",
  WSK: "The WebSocket below STOMP.",
};

/** Public texts by the words with which `where` begins. */
export const publications: Readonly<Record<string, string>> = {
  "STOMP 1.2": "https://stomp.github.io/stomp-specification-1.2.html",
  HTML: "https://html.spec.whatwg.org/multipage/server-sent-events.html",
  "sockjs-protocol": "https://github.com/sockjs/sockjs-protocol",
  "sockjs-client": "https://github.com/sockjs/sockjs-client",
  "RFC 6265": "https://www.rfc-editor.org/rfc/rfc6265",
  "RFC 6455": "https://www.rfc-editor.org/rfc/rfc6455",
  "RFC 7515": "https://www.rfc-editor.org/rfc/rfc7515",
  "RFC 8725": "https://www.rfc-editor.org/rfc/rfc8725",
  "RFC 9110": "https://www.rfc-editor.org/rfc/rfc9110",
  "Spring Framework": "https://docs.spring.io/spring-framework/reference/web/websocket/stomp.html",
  "Apache Kafka": "https://kafka.apache.org/documentation/#intro_consumers",
};

const codes: Readonly<Record<string, Source>> = {
  C1: { text: "Each subscription gets one copy of each message, and no second one." },
  C2: { text: "Who subscribed to another room hears nothing of it." },
  C3: { text: "A text is the same for its writer, for whoever hears it and in the history, whatever its letters." },
  C4: { text: "Messages come in the order in which they were sent." },
  C5: { text: "A malformed message breaks nothing and reaches nobody." },
  C6: { text: "Clients send to the application's destinations and to no others." },
  C7: { text: "A subscription to something that does not exist is refused and not kept in silence." },
  C8: { text: "A reconnect begins from nothing; what came meanwhile is in the history." },
  C9: { text: "Several subscriptions of one connection live and end independently of each other." },
  C10: { text: "Connections that come and go leave nothing behind that would deliver twice or not at all." },
  C11: { text: "What is heard live and what the history says are the same." },
  C12: { text: "A reader that stands still holds up nobody else." },
  L2: { text: "A replay is compared, from every point at which a stream may be cut, with a log that was never cut." },
  D20: {
    text: "A MESSAGE frame that a client sends is taken as a publication, past checks that look for SEND.",
    where: "Spring Framework, STOMP over WebSocket",
  },
  "DLV-01": {
    text: "Every subscriber hears each message once while it is connected: n tabs of m users make n × m copies.",
    where: "STOMP 1.2, SUBSCRIBE",
  },
  "DLV-02": {
    text: "What is private to a user comes to all of the user's tabs, and to nobody else.",
    where: "Spring Framework, User Destinations",
  },
  "DLV-05": { text: "What was refused or rolled back is published to nobody." },
  "DLV-08": { text: "An event has one id of the application, the same on STOMP, on an event stream and in REST." },
  "DLV-10": {
    text: "What is published on one instance is heard on all of them, once.",
    where: "Spring Framework, Simple Broker (it lives in one process)",
  },
  "DLV-11": {
    text: "Each instance consumes every record by a group of its own; a job that is done once has one group for all.",
    where: "Apache Kafka, consumer groups",
  },
  "DLV-13": { text: "The order in a room survives the bus.", where: "Apache Kafka, order within a partition" },
  "DLV-15": { text: "A burst comes completely." },
  "DLV-16": { text: "A slow or dead reader does not delay others." },
  "DLV-21": {
    text: "A message that was sent is delivered, although its sender is gone a moment later.",
    where: "STOMP 1.2, RECEIPT",
  },
  "LIF-01": { text: "A connection that ends frees what it held, and others notice in time." },
  "REP-01": {
    text: "After the last id come exactly the events that were missed.",
    where: "HTML, The Last-Event-ID header",
  },
  "REP-02": {
    text: "Missed events come in their order, before anything new.",
    where: "HTML, The Last-Event-ID header",
  },
  "REP-03": { text: "Where the replay meets what is live, nothing is lost and nothing comes twice." },
  "REP-04": { text: "Only events that were meant for the reader are replayed." },
  "REP-05": { text: "Who lost a right since then is replayed nothing of it." },
  "REP-06": { text: "Without a last id nothing old comes.", where: "HTML, The Last-Event-ID header" },
  "REP-07": {
    text: "An id that nobody knows is answered with an open stream: no error, and nothing that is another user's.",
    where: "HTML, Processing model (an error status ends an EventSource for good)",
  },
  "REP-08": {
    text: "A malformed id is treated as an unknown one.",
    where: "HTML, Processing model (an error status ends an EventSource for good)",
  },
  "REP-09": { text: "When the missed events are no longer there, the reader is informed of the gap." },
  "REP-10": { text: "Ids are unique, and their order is the one in which events come." },
  "REP-11": { text: "Replay works on another instance, and after a restart." },
  "REP-12": { text: "A replayed event has the id, the name and the data that it had." },
  "REP-13": { text: "Each stream has its own position: a tab that reconnects disturbs no other." },
  "REP-15": { text: "Of a last id in the header and one in the query, the header's is used." },
  "REP-18": { text: "The id of somebody else's event is no position in the reader's own stream." },
  "RFC 6265": { text: "How a browser keeps cookies, and which it throws away.", where: "RFC 6265, 5.3" },
  "SEC-03": {
    text: "A token whose signature is wrong, cut or by another key is refused.",
    where: "RFC 7515, 5.2; RFC 8725, 3",
  },
  "SEC-04": { text: "A token without a signature is refused, whatever it says.", where: "RFC 8725, 2.1 and 3.1" },
  "SEC-06": { text: "A token that was made for something else opens no session.", where: "RFC 8725, 3.8 to 3.12" },
  "SEC-11": {
    text: "Nobody gets another user's private messages by naming that user.",
    where: "Spring Framework, User Destinations",
  },
  "SEC-28": { text: "Passwords and tokens are in no answer, error, close reason or redirect." },
  "SEC-33": { text: "The subscriptions of a connection are limited." },
  "SJS-01": {
    text: "The base URL greets with its fixed line of text, and sets no cookie.",
    where: "sockjs-protocol, BaseUrlGreeting",
  },
  "SJS-02": { text: "What is no path of SockJS is answered 404.", where: "sockjs-protocol, BaseUrlGreeting" },
  "SJS-03": { text: "/info says, in JSON and uncached, what the server can do.", where: "sockjs-protocol, InfoTest" },
  "SJS-04": { text: "The entropy in /info is another number each time.", where: "sockjs-protocol, InfoTest" },
  "SJS-08": {
    text: "Server and session in the path may be any words without a dot.",
    where: "sockjs-protocol, SessionURLs",
  },
  "SJS-10": {
    text: "The first request that receives opens the session, with the frame o at once.",
    where: "sockjs-protocol, XhrPolling",
  },
  "SJS-11": {
    text: "Each poll is answered with one frame, and waits while there is none.",
    where: "sockjs-protocol, XhrPolling",
  },
  "SJS-12": {
    text: "What xhr_send brings reaches the application in order, and is answered 204.",
    where: "sockjs-protocol, XhrPolling",
  },
  "SJS-13": {
    text: "xhr_send to a session that does not exist is answered 404.",
    where: "sockjs-protocol, XhrPolling",
  },
  "SJS-14": {
    text: "A body that is empty or no JSON is answered 500 with the protocol's words, and the session goes on.",
    where: "sockjs-protocol, XhrPolling",
  },
  "SJS-15": { text: "The content type of what is sent does not matter.", where: "sockjs-protocol, XhrPolling" },
  "SJS-16": { text: "An empty array may be sent, and brings nothing.", where: "sockjs-protocol, XhrPolling" },
  "SJS-17": { text: "A session that nobody reads expires after some seconds.", where: "sockjs-protocol, Protocol" },
  "SJS-19": {
    text: "A session has one reader: a second one is closed with code 2010.",
    where: "sockjs-protocol, HandlingClose",
  },
  "SJS-20": { text: "Who asks for a closed session gets its close frame.", where: "sockjs-protocol, Protocol" },
  "SJS-23": {
    text: "A streaming response ends at its limit, and the next one goes on without loss.",
    where: "sockjs-protocol, XhrStreaming",
  },
  "SJS-27": {
    text: "On its websocket transport, messages come in SockJS's frames.",
    where: "sockjs-protocol, Websocket",
  },
  "SJS-22": {
    text: "A streaming response begins with 2 KiB that browsers wait for.",
    where: "sockjs-protocol, XhrStreaming",
  },
  "SJS-28": {
    text: "Over WebSocket empty messages are nothing, and broken JSON is the end.",
    where: "sockjs-protocol, Websocket",
  },
  "SJS-29": { text: "Over WebSocket the segment of the session names nothing.", where: "sockjs-protocol, Websocket" },
  "SJS-30": { text: "Below /websocket the base URL speaks plain WebSocket.", where: "sockjs-protocol, RawWebsocket" },
  "SJS-31": {
    text: "The URL of the transport websocket is for upgrades alone.",
    where: "sockjs-protocol, WebsocketHttpErrors",
  },
  "SJS-32": { text: "A transport's URL answers other methods with 405.", where: "sockjs-protocol, verify405" },
  "SJS-33": {
    text: "What a session answers may not be cached or changed on its way.",
    where: "sockjs-protocol, verify_not_cached",
  },
  "SJS-35": {
    text: "To a page of another origin that is let in, its origin is named, with credentials.",
    where: "sockjs-protocol, Protocol",
  },
  "SJS-38": {
    text: "A server escapes what JavaScript and browsers trip over, and decodes whatever is escaped.",
    where: "sockjs-protocol, JSONEncoding",
  },
  "SJS-39": {
    text: "What is sent between two polls comes with the next one, once and in order.",
    where: "sockjs-protocol, XhrPolling",
  },
  "SJS-43": {
    text: "The code and the reason of a close reach the client on each transport.",
    where: "sockjs-client, main.js",
  },
  "SJS-44": { text: "All transports show the application the same story.", where: "sockjs-client, list of transports" },
  "SND-01": { text: "SEND names a destination.", where: "STOMP 1.2, SEND" },
  "SND-04": { text: "Headers of a SEND go on to the MESSAGE.", where: "STOMP 1.2, SEND" },
  "SND-05": { text: "A body arrives octet for octet.", where: "STOMP 1.2, Body" },
  "SND-06": { text: "A frame of the documented size is taken on every transport, a larger one refused and not cut." },
  "SND-07": { text: "What one connection sends to one destination is heard in that order." },
  "SND-08": { text: "The author hears its own message if it subscribed, and only then." },
  "SND-09": { text: "Author, id and time of a message are the server's, whatever the client wrote." },
  "SSE-01": { text: "The answer is 200 and text/event-stream.", where: "HTML, Processing model" },
  "SSE-04": { text: "The head of the answer comes at once, before any event.", where: "HTML, Processing model" },
  "SSE-05": { text: "The stream forbids caching.", where: "HTML, Processing model" },
  "SSE-06": { text: "Nothing on the way holds events back.", where: "HTML, Authoring notes" },
  "SSE-07": {
    text: "The stream is UTF-8, with a byte order mark at the very beginning, if at all.",
    where: "HTML, Parsing an event stream",
  },
  "SSE-08": {
    text: "A line ends in LF, CR or both; an empty line ends an event.",
    where: "HTML, Parsing an event stream",
  },
  "SSE-09": {
    text: "Data of several lines is sent as several fields, which clients put together again.",
    where: "HTML, Interpreting an event stream",
  },
  "SSE-10": { text: "Line ends within what users write make no fields and no events." },
  "SSE-11": {
    text: "Clients take one space after the colon away; a second one is the data's own.",
    where: "HTML, Interpreting an event stream",
  },
  "SSE-13": {
    text: "Clients ignore an id that holds NUL, and send back any other in a header.",
    where: "HTML, Interpreting an event stream",
  },
  "SSE-16": {
    text: "The time to reconnect is given in digits; clients ignore anything else.",
    where: "HTML, Interpreting an event stream",
  },
  "SSE-17": {
    text: "A stream on which nothing happens carries a comment now and then.",
    where: "HTML, Authoring notes",
  },
  "SSE-19": {
    text: "Fields are data, event, id and retry; clients ignore all else.",
    where: "HTML, Interpreting an event stream",
  },
  "SSE-21": { text: "A block with an id and without data moves the position of some clients and not of others." },
  "SSE-22": { text: "A live stream has no length that could be known." },
  "SSE-23": { text: "Large events come whole." },
  "SSE-24": { text: "A page of another origin with credentials is let in by name, never by *." },
  "SSE-30": { text: "A request needs no other headers than those that browsers send." },
  "SSE-26": {
    text: "A client that goes away is noticed within one keep-alive interval, and its resources are freed.",
  },
  "SSE-25": {
    text: "Other methods than GET and HEAD are answered 405, and HEAD ends.",
    where: "RFC 9110, 9.3.2 and 15.5.6",
  },
  "STF-01": {
    text: "A frame is a command, headers, an empty line, a body and a NUL.",
    where: "STOMP 1.2, Augmented BNF",
  },
  "STF-02": { text: "Lines may end in CR LF, and the CR is no part of the value.", where: "STOMP 1.2, STOMP Frames" },
  "STF-03": { text: "Line ends between frames are skipped.", where: "STOMP 1.2, Augmented BNF" },
  "STF-04": { text: "Headers are neither trimmed nor padded.", where: "STOMP 1.2, Value Encoding" },
  "STF-05": { text: "Escapes in names and values are undone.", where: "STOMP 1.2, Value Encoding" },
  "STF-06": {
    text: "What a header holds is escaped, so that it can never begin another header.",
    where: "STOMP 1.2, Value Encoding",
  },
  "STF-07": { text: "An escape that is not defined is a fatal error.", where: "STOMP 1.2, Value Encoding" },
  "STF-09": { text: "Which escapes there are follows from the version.", where: "STOMP 1.2, Value Encoding" },
  "STF-10": {
    text: "With content-length, that many octets are the body, NULs too.",
    where: "STOMP 1.2, Header content-length",
  },
  "STF-11": {
    text: "Behind the octets that content-length counts comes NUL.",
    where: "STOMP 1.2, Header content-length",
  },
  "STF-12": { text: "Without content-length a body ends at the first NUL.", where: "STOMP 1.2, Header content-length" },
  "STF-13": { text: "content-length counts octets and not characters.", where: "STOMP 1.2, Header content-length" },
  "STF-14": { text: "Frames with a body carry content-length.", where: "STOMP 1.2, Header content-length" },
  "STF-15": { text: "Only SEND, MESSAGE and ERROR have a body.", where: "STOMP 1.2, Body" },
  "STF-16": { text: "Of repeated headers the first counts.", where: "STOMP 1.2, Repeated Header Entries" },
  "STF-17": { text: "Commands and names of headers are case-sensitive.", where: "STOMP 1.2, STOMP Frames" },
  "STF-18": { text: "Text is UTF-8, and any text comes back unchanged.", where: "STOMP 1.2, STOMP Frames" },
  "STF-19": { text: "A header without a colon or without a name is malformed.", where: "STOMP 1.2, Augmented BNF" },
  "STF-20": { text: "A header may have an empty value.", where: "STOMP 1.2, Augmented BNF" },
  "STF-23": { text: "A frame in several WebSocket messages is put together or refused, and never misread." },
  "STF-24": {
    text: "Several frames in one WebSocket message are all acted on, in order.",
    where: "STOMP 1.2, Augmented BNF",
  },
  "STF-26": {
    text: "A frame beyond the server's limits is answered with ERROR and a close.",
    where: "STOMP 1.2, Size Limits",
  },
  "STF-27": { text: "Frames in binary messages are treated as those in text messages." },
  "STF-28": { text: "A body is delivered octet for octet, whatever its content-type.", where: "STOMP 1.2, Body" },
  "STF-29": { text: "After a fatal error nothing more of that connection is acted on.", where: "STOMP 1.2, ERROR" },
  "STF-30": { text: "A line end inside a body is body.", where: "STOMP 1.2, Heart-beating" },
  "STS-01": {
    text: "A version that both know is answered by one CONNECTED that names it.",
    where: "STOMP 1.2, CONNECTED",
  },
  "STS-02": { text: "The frame STOMP opens a session as CONNECT does.", where: "STOMP 1.2, Connecting" },
  "STS-03": { text: "The highest version that both sides know is used.", where: "STOMP 1.2, Protocol Negotiation" },
  "STS-04": {
    text: "Who names no version speaks 1.0, and is answered.",
    where: "STOMP 1.2, Protocol Negotiation",
  },
  "STS-05": {
    text: "Without a common version there is an ERROR and a close.",
    where: "STOMP 1.2, Protocol Negotiation",
  },
  "STS-06": { text: "Before CONNECT nothing else is acted on.", where: "STOMP 1.2, Connecting" },
  "STS-07": {
    text: "A second CONNECT changes nothing about who a session belongs to.",
    where: "STOMP 1.2, Connecting",
  },
  "STS-08": { text: "A refused login is answered with ERROR and not with silence.", where: "STOMP 1.2, Connecting" },
  "STS-11": { text: "Who sends no heart-beat header wants none and promises none.", where: "STOMP 1.2, Heart-beating" },
  "STS-12": { text: "Promised heart-beats are kept.", where: "STOMP 1.2, Heart-beating" },
  "STS-13": {
    text: "A client that promised heart-beats and sends none is given up.",
    where: "STOMP 1.2, Heart-beating",
  },
  "STS-14": { text: "Any data is a sign of life, in both directions.", where: "STOMP 1.2, Heart-beating" },
  "STS-15": { text: "Who wants no heart-beats gets none.", where: "STOMP 1.2, Heart-beating" },
  "STS-16": { text: "A heart-beat is a line end and nothing else.", where: "STOMP 1.2, Heart-beating" },
  "STS-18": { text: "A frame that asks for a receipt gets one, after it was acted on.", where: "STOMP 1.2, RECEIPT" },
  "STS-19": {
    text: "A RECEIPT says that a frame was processed: once, and not beside an ERROR for it.",
    where: "STOMP 1.2, RECEIPT",
  },
  "STS-21": { text: "The id of a receipt is escaped as other headers are.", where: "STOMP 1.2, Value Encoding" },
  "STS-22": { text: "After an ERROR the connection is closed.", where: "STOMP 1.2, ERROR" },
  "STS-23": { text: "ERROR has a short message, and names the receipt that was asked for.", where: "STOMP 1.2, ERROR" },
  "STS-24": { text: "An error says nothing about the inside of the server." },
  "STS-25": { text: "An unknown command is refused and disturbs nobody else.", where: "STOMP 1.2, Client Frames" },
  "STS-26": { text: "What only servers send has no effect when a client sends it.", where: "STOMP 1.2, Augmented BNF" },
  "STS-27": {
    text: "DISCONNECT with a receipt is answered after all that came before.",
    where: "STOMP 1.2, DISCONNECT",
  },
  "STS-28": { text: "DISCONNECT without a receipt ends without an ERROR.", where: "STOMP 1.2, DISCONNECT" },
  "STS-29": { text: "Behind DISCONNECT nothing is acted on.", where: "STOMP 1.2, DISCONNECT" },
  "STS-30": {
    text: "Clients that come and go quickly are served, and leave nothing behind.",
    where: "STOMP 1.2, Connection Lingering",
  },
  "SUB-01": { text: "SUBSCRIBE names a destination and an id.", where: "STOMP 1.2, SUBSCRIBE" },
  "SUB-02": { text: "In 1.0 a subscription needs no id.", where: "STOMP 1.2, SUBSCRIBE" },
  "SUB-03": { text: "MESSAGE carries the id of its subscription, octet for octet.", where: "STOMP 1.2, MESSAGE" },
  "SUB-04": { text: "MESSAGE carries the destination that the client knows.", where: "STOMP 1.2, MESSAGE" },
  "SUB-05": { text: "MESSAGE carries an id that is unique on its connection.", where: "STOMP 1.2, MESSAGE" },
  "SUB-06": { text: "What a server says of a message is not its sender's to say." },
  "SUB-07": { text: "MESSAGE with a body says of what type it is.", where: "STOMP 1.2, Header content-type" },
  "SUB-08": { text: "A connection hears nothing to which it did not subscribe itself." },
  "SUB-09": { text: "Ids of subscriptions belong to their connection alone.", where: "STOMP 1.2, SUBSCRIBE id Header" },
  "SUB-10": {
    text: "An id that is used twice is refused or replaces the first, and leaves no ghost.",
    where: "STOMP 1.2, SUBSCRIBE id Header",
  },
  "SUB-11": {
    text: "The same subscription made twice still hears each message once.",
    where: "STOMP 1.2, SUBSCRIBE id Header",
  },
  "SUB-12": { text: "Two ids on one destination get a copy each.", where: "STOMP 1.2, SUBSCRIBE id Header" },
  "SUB-13": {
    text: "After UNSUBSCRIBE nothing more comes, and other subscriptions go on.",
    where: "STOMP 1.2, UNSUBSCRIBE",
  },
  "SUB-17": { text: "A message that is to be acknowledged says by what.", where: "STOMP 1.2, MESSAGE" },
  "SUB-18": { text: "ACK and NACK name a message as the version says.", where: "STOMP 1.2, ACK" },
  "SUB-19": {
    text: "In mode client an ACK is cumulative, in client-individual it is not.",
    where: "STOMP 1.2, SUBSCRIBE",
  },
  "SUB-20": {
    text: "A server without acknowledgements says so, instead of taking the mode in silence.",
    where: "STOMP 1.2, SUBSCRIBE ack Header",
  },
  "SUB-21": { text: "A destination is matched exactly." },
  "SUB-23": { text: "A message to a pattern is no message to what it matches." },
  "SUB-25": { text: "A subscription that cannot be made is answered with ERROR.", where: "STOMP 1.2, SUBSCRIBE" },
  "SUB-29": { text: "With its connection a subscription ends." },
  "TXN-01": { text: "What is sent in a transaction is heard at COMMIT, all of it.", where: "STOMP 1.2, COMMIT" },
  "TXN-02": { text: "ABORT discards all of a transaction.", where: "STOMP 1.2, ABORT" },
  "TXN-03": { text: "A lost connection aborts its transactions.", where: "STOMP 1.2, BEGIN" },
  "TXN-04": { text: "There is no transaction without an id.", where: "STOMP 1.2, BEGIN" },
  "TXN-05": { text: "Ids of open transactions differ, and others are unknown.", where: "STOMP 1.2, BEGIN" },
  "TXN-06": { text: "Transactions are their connection's, and independent.", where: "STOMP 1.2, BEGIN" },
  "TXN-07": { text: "An ACK in a transaction counts at COMMIT.", where: "STOMP 1.2, ACK" },
  "TXN-08": { text: "A server without transactions refuses them, instead of pretending.", where: "STOMP 1.2, BEGIN" },
  "TXN-09": { text: "What open transactions hold is bounded.", where: "STOMP 1.2, Size Limits" },
  "WSK-02": {
    text: "A version that the server does not know is refused, and the answer names those that it does.",
    where: "RFC 6455, 4.2.2",
  },
  "WSK-03": { text: "What is no handshake is not upgraded.", where: "RFC 6455, 4.2.1" },
  "WSK-04": { text: "The server picks a subprotocol that was offered, or none.", where: "RFC 6455, 4.2.2" },
  "WSK-05": { text: "Who offers STOMP's subprotocols gets one of them.", where: "RFC 6455, 4.1" },
  "WSK-07": { text: "A client that does not mask its frames is cut off.", where: "RFC 6455, 5.1" },
  "WSK-09": { text: "A ping is answered by a pong with the same payload, and soon.", where: "RFC 6455, 5.5.2" },
  "WSK-10": { text: "A pong without a ping needs no answer.", where: "RFC 6455, 5.5.3" },
  "WSK-11": {
    text: "A message may come in fragments, and control frames between them.",
    where: "RFC 6455, 5.4",
  },
  "WSK-12": { text: "A frame that breaks the grammar fails the connection.", where: "RFC 6455, 5.2" },
  "WSK-13": { text: "A text that is no UTF-8 fails the connection.", where: "RFC 6455, 8.1" },
  "WSK-15": { text: "Some close codes are never sent, and a code has two octets.", where: "RFC 6455, 7.4" },
  "WSK-16": { text: "Behind a close frame no data is sent.", where: "RFC 6455, 5.5.1" },
};

/** Sections of the description; those that name an endpoint are explained by `endpointText`. */
const sections: Readonly<Record<string, string>> = {
  Deployment: "How the system is put up: one published port, a proxy, several instances behind it.",
  "Fan-out": "What happens on one instance is heard on all, and logins hold on all.",
  "Fan-out, ours": "How our own server does it: one record a message, in the order of the history.",
  Notifications: "Who gets a notification, about what, and with which words.",
  REST: "The HTTP interface below /api.",
  "REST, CSRF": "Each changing request repeats the value of the CSRF cookie in a header.",
  "REST, DTOs": "Which fields an answer has.",
  "REST, authorId": "A message's author is whoever sent it.",
  "REST, download": "The octets of a file, with its name and type.",
  "REST, online": "A user is online while a connection of it is live.",
  "REST, ours": "What only our own server promises about its answers.",
  "REST, private channels": "A private channel is for its members: they alone read, write and hear it.",
  "REST, roles": "ADMIN may do what CHANNEL_MANAGER may, who may do what USER may.",
  "REST, rules": "What holds for every request: the bearer token, and how its absence is answered.",
  "REST, rules, live connection": "A live connection ends with its login.",
  "REST, traps": "Where servers of the field go wrong without noticing.",
  "REST, validation": "What is refused as input: empty names, malformed addresses, blank texts, names that are taken.",
  "REST, who may": "Who may change and delete what, and what others are answered.",
  SSE: "The event stream at /api/sse.",
  "SSE, any number of streams": "A user may have several streams, and each of them gets each event.",
  "SSE, binaryContents": "The event about the end of an upload.",
  "SSE, channels": "The events about channels, and who hears them.",
  "SSE, first event": "What comes first on a new stream.",
  "SSE, notifications": "The event about a notification, for its receiver alone.",
  "SSE, ours": "What only our own server promises about its stream.",
  "SSE, resume": "A stream that was cut goes on after its last id.",
  "SSE, users": "The events about users, for everyone.",
  STOMP: "The STOMP interface at /ws.",
  "STOMP, CONNECT": "CONNECT carries the access token; without a good one there is no session.",
  "STOMP, authorization": "Which role may send and subscribe.",
  "STOMP, delivered for": "What is sent by STOMP and what is posted by REST is heard alike.",
  "STOMP, endpoint": "The address, with SockJS and with plain WebSocket.",
  "STOMP, everything else": "Destinations that are no channel's are refused.",
  "STOMP, frame STOMP": "STOMP is another name for CONNECT, with the same checks.",
  "STOMP, header names": "The header is called Authorization, in exactly these letters.",
  "STOMP, heart-beat": "Which heart-beats are offered, and that they are kept.",
  "STOMP, invalid payload": "What is not stored is not delivered, and the connection goes on.",
  "STOMP, order": "The order of messages in a channel.",
  "STOMP, receipts": "When a RECEIPT comes, and what it means.",
  "STOMP, receive": "Where messages of a channel are heard, and what they hold.",
  "STOMP, send": "Where messages are sent to, and what they hold.",
  "STOMP, the official web client": "stompjs over SockJS, as the official page uses it.",
  "Study rooms, auth": "Two HttpOnly cookies; the handshake of a WebSocket is refused without the first.",
  "Study rooms, REST": "Rooms of four, who is in them, and what was said there.",
  "Study rooms, STOMP": "What members send and hear, and that nobody else does.",
  "Study rooms, system messages": "When a room is told that somebody entered or left, and with which words.",
  "Study rooms, tabs": "Which tabs and subscriptions of one member count.",
  "Study rooms, presence": "The states of a member in a room, and what changes them.",
  "Study rooms, SSE": "Notifications: who is told what, and how a stream begins.",
  "Gateway chat, auth": "In secure mode CONNECT brings a token, which says who speaks.",
  "Gateway chat, names": "The several names of a room, and of the place to send to.",
  "Gateway chat, payloads": "What a message holds, as it is sent and as it is heard.",
  "Gateway chat, endpoint": "One endpoint, natively and with SockJS, for pages of any origin.",
  "Gateway chat, gateway": "What is in front of the servers, and leaves everything as it is.",
  "Gateway chat, defects": "What goes wrong in public servers of the kind.",
  "Gateway chat, ours": "What only our own server promises.",
  "Event streams, publishing": "What is published into a stream comes to all its readers.",
  "Event streams, ids": "Ids are unique, and one for all readers and instances.",
  "Event streams, ours": "What only our own server promises.",
  "Raw WebSocket, rooms": "A socket is in one room; what somebody says is sent to the other users of the room.",
  "Raw WebSocket, errors": "What is no message is answered, and nothing else happens.",
  "Redis chat, members": "How one signs up and logs in, what a token says, and who else is there.",
  "Redis chat, rooms": "Group rooms, private rooms for two, and who is in them.",
  "Redis chat, REST": "What the other routes answer.",
  "Redis chat, STOMP": "What participants send and hear.",
  "Redis chat, hardening": "What our build adds: who may write and listen, and under which name.",
  "Redis chat, fan-out": "What Redis carries between servers, and that it keeps nothing.",
  "Redis chat, unread": "What counts as unread, for whom, and until when.",
  "Redis chat, errors": "How a refusal is answered.",
  "Redis chat, defects": "What goes wrong in public servers of the kind.",
  "STOMP broker, users": "Who may connect, and with what.",
  "STOMP broker, queues": "Who hears a queue's messages, and what is kept.",
  "STOMP broker, acknowledgements": "Windows, and what comes again.",
  "STOMP broker, transactions": "What a COMMIT does, and when it does nothing.",
  "STOMP broker, TCP": "The same broker without WebSocket.",
  "revisions, active logins": "How many logins a user may have at a time.",
  "revisions, csrf-token": "How the CSRF token is given out.",
  "revisions, login": "What a login takes and gives.",
  "revisions, logout": "How a logout is answered.",
  "revisions, refresh cookie": "How the refresh cookie is called.",
  "revisions, reload": "How a page that was loaded again gets back its login.",
};

const endpoint = /^REST, ((?:GET|POST|PUT|PATCH|DELETE) \/\S+)$/;

/** The parts of a clause's source: each code and each section by itself. */
export function partsOf(source: string): string[] {
  return source.split("; ").flatMap((part) => {
    const words = part.split(", ");
    return words.every((word) => /^[A-Z]{1,3}-?\d+$/.test(word)) ? words : [part];
  });
}

/** What a part of a source is; undefined when nobody wrote it down. */
export function sourceOf(part: string): Source | undefined {
  if (Object.hasOwn(codes, part)) return codes[part];
  if (Object.hasOwn(sections, part)) return { text: sections[part]! };
  const [, request] = endpoint.exec(part) ?? [];
  return request === undefined ? undefined : { text: `What ${request} takes, does and answers.` };
}

/** The group of a code, as STS; undefined for a section of the description. */
export const groupOf = (part: string): string | undefined =>
  Object.hasOwn(codes, part) ? /^[A-Z]+/.exec(part)?.[0] : undefined;

/** The name of its place on a page. */
export const anchorOf = (part: string): string => part.toLowerCase().replace(/[^a-z0-9]+/g, "-");

/** The address of the public text in which a source stands. */
export const addressOf = ({ where }: Source): string | undefined =>
  Object.entries(publications).find(([name]) => where?.startsWith(name))?.[1];
