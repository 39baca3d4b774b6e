// REST: users. Source: the Discodeit contract, "REST".

import { Router, type Request, type Response } from "express";
import { deleteUser, listUsers, signUp, updateUser } from "../domain/accounts.ts";
import type { Core } from "../domain/core.ts";
import { parse, signUpSchema, userUpdateSchema } from "../domain/validation.ts";
import { addressOf, idFrom, principalOf } from "./body.ts";
import { jsonPart, withForm, type Form } from "./multipart.ts";

/** A user is one JSON part and perhaps a picture. */
const withProfile = <T>(
  core: Core,
  request: Request,
  response: Response,
  work: (form: Form) => Promise<T>,
): Promise<T> =>
  withForm(request, response, { fileParts: ["profile"], filesMax: 1, fileBytesMax: core.config.uploadBytesMax }, work);

/** Sign-up needs no access token. */
export function signUpRoutes(core: Core): Router {
  const router = Router();
  router.post("/users", async (request, response) => {
    const user = await withProfile(core, request, response, (form) =>
      signUp(core, parse(signUpSchema, jsonPart(form, "userCreateRequest")), form.files[0], addressOf(request)),
    );
    response.status(201).json(user);
  });
  return router;
}

export function userRoutes(core: Core): Router {
  const router = Router();
  router.get("/users", async (_, response) => void response.json(await listUsers(core)));
  router.patch("/users/:userId", async (request, response) => {
    const id = idFrom(request.params.userId, "userId");
    const user = await withProfile(core, request, response, (form) => {
      const changes = parse(
        userUpdateSchema,
        form.fields.has("userUpdateRequest") ? jsonPart(form, "userUpdateRequest") : {},
      );
      return updateUser(core, principalOf(response), id, changes, form.files[0]);
    });
    response.json(user);
  });
  router.delete("/users/:userId", async (request, response) => {
    await deleteUser(core, principalOf(response), idFrom(request.params.userId, "userId"));
    response.status(204).end();
  });
  return router;
}
