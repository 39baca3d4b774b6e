// Deleting somebody who has written. Where only those can be deleted who never did, one clause says so.

import type { Account } from "../../../runner/account-pool.ts";
import { rely } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { discodeitOf, signUp } from "./discodeit.ts";
import { accepted } from "./tokens.ts";

export async function deleteAuthor(world: World, author: Account): Promise<void> {
  const answer = await discodeitOf(world).deleteUserAnswer(author.rest, author.id);
  author.gone = accepted(answer);
  if (author.gone) return;
  const { account: newcomer } = await signUp(world, world.newcomer());
  await world.logInAgain(newcomer);
  const control = await discodeitOf(world).deleteUserAnswer(newcomer.rest, newcomer.id);
  newcomer.gone = accepted(control);
  rely("delete a user", newcomer.gone, `answered ${answer.status}`);
  const because = `a user who wrote messages cannot be deleted, while others can: answered ${answer.status}`;
  rely("read the history of somebody who is gone", false, because);
}
