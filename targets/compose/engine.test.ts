import { expect, test } from "vitest";
import { silence } from "./engine.ts";

test("silence() names the variable that points to an engine which does not answer", () => {
  expect(silence({ DOCKER_HOST: "tcp://10.0.0.9:2375", DOCKER_CONTEXT: "away" })).toEqual({
    what: "the Docker engine of DOCKER_HOST=tcp://10.0.0.9:2375 does not answer",
    next: "start that engine, or unset DOCKER_HOST",
  });
  expect(silence({ DOCKER_HOST: "", DOCKER_CONTEXT: "away" }).what).toBe(
    "the Docker engine of DOCKER_CONTEXT=away does not answer",
  );
  expect(silence({})).toEqual({ what: "the Docker engine does not answer", next: "npx rollcall doctor --fix" });
});
