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

const ofClients = "About clients: our parser and eventsource are compared on recorded streams.";
const ofFaults = "Judged by `verify --faults`, whose clients resume as this asks for.";

/** Why no clause takes it. */
export const excused: Readonly<Record<string, string>> = {
  "STF-08": "From outside nobody sees how a server reads CONNECT, as it repeats none of its headers.",
  "SUB-16": "Every subscription that names no ack mode rests on it, and is live.",
  "SND-02": "The systems say what is wrong with a message on an error queue; ERROR is for what is wrong with a frame.",
  "SJS-05": "No system that promises SockJS switches its WebSocket off.",
  "SJS-09": "A balancer may send each server segment to another server: that is what the segment is for.",
  "SJS-18":
    "Spring switches these heart-beats off where STOMP has its own; the clauses about those say who stays alive.",
  "SJS-24": "Neither our drivers nor sockjs-client under Node speak the transport eventsource.",
  "SJS-36":
    "Which pages are let in is an option of the target, and sockjs-client sends nothing that needs a preflight.",
  "SJS-37": "Which origins a target forbids, its definition does not say.",
  "SJS-40": "A request of SockJS says nothing about who it is from, where CONNECT brings the credential.",
  "SJS-42": "No client of today speaks HTTP/1.0.",
  "WSK-01": "No WebSocket client connects otherwise.",
  "WSK-08": "A WebSocket client ends such a connection with 1002, and whatever clause meets it says so.",
  "WSK-14": "A WebSocket client that waits for the answer to its close in vain reports 1006.",
  "SSE-02": "Trouble that passes is a fault: `verify --faults` says who came back, and what they missed.",
  "SSE-12": ofClients,
  "SSE-15": ofClients,
  "SSE-20": ofFaults,
  "REP-14": ofFaults,
  "REP-16":
    "How much is kept is the server's affair, and what the buffers of a connection hold is no replay that waits.",
  "REP-19": "A difference in time is lost in the noise of the machines on which this runs.",
};
