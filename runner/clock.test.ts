import { expect, test } from "vitest";
import { Network } from "../drivers/network.ts";
import { RestClient } from "../drivers/rest.ts";
import { openHttpServer } from "../drivers/tiny-server.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import { clockOffsetMs } from "./clock.ts";

test.each([
  ["agrees", 0, 0],
  ["is an hour behind", -3_600_000, -3_600_000],
  ["is eight seconds ahead", 8_000, 8_000],
])("clockOffsetMs() of a target whose clock %s", async (_, offsetMs, expected) => {
  await using server = await openHttpServer((_request, response) => {
    response.setHeader("Date", new Date(Date.now() + offsetMs).toUTCString()).end();
  });
  const network = new Network();
  const rest = new RestClient({ baseUrl: server.url, network, transcript: new Transcript(new Secrets()), label: "A" });
  expect(Math.abs((await clockOffsetMs(rest, "/")) - expected)).toBeLessThan(1_500);
  await network.close();
});

test("clockOffsetMs() is 0 where no answer says the time", async () => {
  await using server = await openHttpServer((_request, response) => {
    response.sendDate = false;
    response.end();
  });
  const network = new Network();
  const rest = new RestClient({ baseUrl: server.url, network, transcript: new Transcript(new Secrets()), label: "A" });
  expect(await clockOffsetMs(rest, "/")).toBe(0);
  await network.close();
});
