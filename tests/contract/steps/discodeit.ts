// What proofs about Discodeit alone say to it: its whole client, and the answers that a definition does not give.

import type { Answer } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import type { Channel, Where } from "../../../runner/rooms.ts";
import type { World } from "../../../runner/world.ts";
import { Discodeit, idIn, type NewUser, type UploadFile } from "../../../systems/discodeit/client.ts";
import type { MessageDto } from "../../../systems/discodeit/shapes.ts";
import type { SystemName } from "../../../systems/discodeit/wire.ts";

/** The contract allows notifications 10 s and upload events 15 s. */
export const notificationDeadlineMs = 10_000;
export const uploadDeadlineMs = 15_000;

const clients = new Map<string, Discodeit>();

/** The client of the world's revision. */
export function discodeitOf({ system: { name } }: Pick<World, "system">): Discodeit {
  const client = clients.get(name) ?? new Discodeit(name as SystemName);
  clients.set(name, client);
  return client;
}

/** Posts, and gives what was answered. */
export const posted = (
  world: World,
  account: Account,
  channel: Channel,
  content: string,
  options: { instance?: Where; attachments?: readonly UploadFile[] } = {},
): Promise<MessageDto> =>
  discodeitOf(world).post(
    world.rest(account, options.instance),
    { channelId: channel.id, authorId: account.id, content },
    options.attachments,
  );

/** Signs somebody up by hand; whoever comes of it is deleted with the proof. Not logged in. */
export async function signUp(
  world: World,
  user: NewUser,
  profile?: UploadFile,
): Promise<{ answer: Answer; account: Account }> {
  const account = world.adopt(user);
  const answer = await discodeitOf(world).signUpAnswer(account.rest, user, profile);
  if (answer.status >= 400 && answer.status < 500) account.gone = true;
  else account.id = idIn(answer) ?? "";
  return { answer, account };
}

/** `world.logInAgain`, with the answer to the login. */
export async function logInAgain(world: World, account: Account): Promise<Answer> {
  const discodeit = discodeitOf(world);
  const answers: Answer[] = [];
  await world.logInAgain(account, async (rest) => {
    const answer = await discodeit.logInAnswer(rest, account.username, account.password);
    answers.push(answer);
    return { bearer: discodeit.acceptLogin(rest, answer) };
  });
  return answers[0]!;
}
