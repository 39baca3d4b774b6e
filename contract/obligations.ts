// Which obligations of a real-time backend are there, and why does no clause take some of them? Codes as in sources.ts:
// there are 312, in twelve groups. Those that must hold, of the nine groups about protocols, are taken by a clause or
// have a line here.

/** By number, from 1: M must, s should, y may. */
export const obligations: Readonly<Record<string, string>> = {
  STF: "MMMMMMMMMMMMMsMsMMMMsssMsssMsMs",
  STS: "MMMMMMMsyyMMsMMMsMMsMMsssMMsMMs",
  SUB: "MyMMMssMMssMMssMMMMssyMsMsysM",
  SND: "MMsMMsMMMss",
  TXN: "MMMMsMMss",
  SJS: "MMMMMssMMMMMMMMMMMMMsMMMyyMMMsMMMsMMMMMMsMsMss",
  WSK: "MMMMssMMMMMMMMMMssssss",
  SSE: "MMyMssMMMMsMMsMMssMMsMsMsssssy",
  REP: "MMMMMMMMsMsMsMsMssMs",
  SEC: "MMMMMssMMMMMMMMMssMMMMMMsMsMssMMsssMsMssssss",
  DLV: "MMMMMsMMMMMMssMMsMsss",
  LIF: "MMMMMsMssssMMsMsss",
};

/** The groups about protocols. */
export const protocolGroups = ["STF", "STS", "SUB", "SND", "TXN", "SJS", "WSK", "SSE", "REP"] as const;

const notYet = (what: string): string => `Not proved yet: ${what}.`;
const ofClients = "About clients: our parser and eventsource are compared on recorded streams.";
const ofFaults = "Judged by `verify --faults`, whose clients resume as this asks for.";

/** Why no clause takes it. */
export const excused: Readonly<Record<string, string>> = {
  "STF-08": "From outside nobody sees how a server reads CONNECT, as it repeats none of its headers.",
  "STF-11": notYet("a body that is longer than its content-length says"),
  "STF-15": notYet("a body on a frame that has none"),
  "STS-11": notYet("our clients always send the header heart-beat"),
  "STS-14": notYet("a busy connection that sends no line ends of its own"),
  "STS-21": notYet("the receipts of our frames hold nothing to escape"),
  "STS-29": notYet("what comes after DISCONNECT"),
  "SUB-16": "Every subscription that names no ack mode rests on it, and is live.",
  "SUB-23": notYet("a SEND to a pattern"),
  "SND-02": "The systems say what is wrong with a message on an error queue; ERROR is for what is wrong with a frame.",
  "SJS-05": "No system that promises SockJS switches its WebSocket off.",
  "SJS-09": notYet("one session under two server segments"),
  "SJS-15": notYet("xhr_send with other content types"),
  "SJS-16": notYet("an empty array"),
  "SJS-18":
    "Spring switches these heart-beats off where STOMP has its own; the clauses about those say who stays alive.",
  "SJS-22": notYet("our driver takes the frames, whatever comes before them"),
  "SJS-24": "Neither our drivers nor sockjs-client under Node speak the transport eventsource.",
  "SJS-28": notYet("empty messages and broken JSON on the transport websocket"),
  "SJS-29": notYet("one session id on two WebSockets"),
  "SJS-31": notYet("requests to the URL of the transport websocket that are no upgrades"),
  "SJS-32": notYet("other methods on the transports"),
  "SJS-36": notYet("sockjs-client sends nothing that needs a preflight"),
  "SJS-37": notYet("which origins a target forbids, its definition does not say"),
  "SJS-38": notYet("the clauses about transports send some of these characters, not all"),
  "SJS-40": notYet("somebody else's session id"),
  "SJS-42": "No client of today speaks HTTP/1.0.",
  "WSK-01": "No WebSocket client connects otherwise.",
  "WSK-02": notYet("a handshake for another version"),
  "WSK-03": notYet("handshakes that are none"),
  "WSK-07": notYet("a client that does not mask"),
  "WSK-08": "A WebSocket client ends such a connection with 1002, and whatever clause meets it says so.",
  "WSK-09": notYet("pings of the client"),
  "WSK-10": notYet("unsolicited pongs"),
  "WSK-11": notYet("control frames between fragments"),
  "WSK-12": notYet("malformed control frames"),
  "WSK-13": notYet("octets that are no UTF-8"),
  "WSK-14": "A WebSocket client that waits for the answer to its close in vain reports 1006.",
  "WSK-15": notYet("close codes that may not be sent"),
  "WSK-16": notYet("what comes after a close frame"),
  "SSE-02": "Trouble that passes is a fault: `verify --faults` says who came back, and what they missed.",
  "SSE-12": ofClients,
  "SSE-15": ofClients,
  "SSE-20": ofFaults,
  "REP-14": ofFaults,
  "REP-16": notYet("a replay that is larger than anybody reads at once"),
  "REP-19": "A difference in time is lost in the noise of the machines on which this runs.",
};
