// better-sse behind Express, as its documentation shows it: an event stream at /events over a channel, from which a
// session that comes back is sent what it missed, and a POST to /publish, whose body comes to everybody. It prints its
// address when it is ready. PORT: of both. SERIALIZER=text: texts come as they are, and not as JSON.

import { createChannel, createSession } from "better-sse";
import express from "express";

interface Sent {
  id: string;
  data: string;
}

const options = process.env["SERIALIZER"] === "text" ? { serializer: String } : {};
const app = express();
const channel = createChannel();
/** All of it, in order: the package keeps nothing. */
const sent: Sent[] = [];

app.get("/events", async (request, response) => {
  const session = await createSession(request, response, options);
  const last = sent.findIndex(({ id }) => id === session.lastId);
  for (const { data, id } of last === -1 ? [] : sent.slice(last + 1)) session.push(data, "message", id);
  channel.register(session);
});

app.post("/publish", express.text({ type: () => true }), (request, response) => {
  const notice: Sent = { id: String(sent.length + 1), data: request.body as string };
  sent.push(notice);
  channel.broadcast(notice.data, "message", { eventId: notice.id });
  response.sendStatus(202);
});

const port = Number(process.env["PORT"] ?? 25420);
app.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
