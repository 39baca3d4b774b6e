// Proofs of contract/discodeit/accounts.ts. Users whom a proof signs up itself are deleted with it; everybody else comes from the
// pool.

import { randomBytes } from "node:crypto";
import type { accounts as area } from "../../../contract/discodeit/accounts.ts";
import type { UserDto } from "../../../systems/discodeit/shapes.ts";
import type { Role } from "../../../systems/discodeit/wire.ts";
import type { SseEvent } from "../../../drivers/codecs/sse.ts";
import { TargetError } from "../../../drivers/errors.ts";
import type { Answer } from "../../../drivers/rest.ts";
import { idIn, type NewUser, type UploadFile } from "../../../systems/discodeit/client.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, claimShape, jsonIn, readJson, Violation, type Proofs } from "../../../runner/proof.ts";
import { rely, step } from "../../../runner/steps.ts";
import { holds } from "../../../runner/text.ts";
import type { World } from "../../../runner/world.ts";
import { lookUntil, says, untilTimeout } from "../steps/look.ts";
import { accepted, ask, guardedPath, refused } from "../steps/tokens.ts";
import { discodeitOf, logInAgain, posted, signUp } from "../steps/discodeit.ts";
import { switchNotifications } from "./reads.ts";

/** One transparent dot. */
const picture: UploadFile = {
  name: "dot.png",
  contentType: "image/png",
  bytes: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64",
  ),
};

const listed = async (world: World, observer: Account, id: string): Promise<UserDto | undefined> =>
  (await discodeitOf(world).users(observer.rest)).find((user) => user.id === id);

/** How the list of users shows somebody, once it fits: lists may come from a cache that is renewed later. */
const listedSo = (
  world: World,
  observer: Account,
  id: string,
  fits: (user: UserDto | undefined) => boolean,
): Promise<UserDto | undefined> => lookUntil(world, () => listed(world, observer, id), fits);

const unlisted = async (world: World, observer: Account, id: string): Promise<boolean> =>
  (await listedSo(world, observer, id, (user) => user === undefined)) === undefined;

/**
 * Changes a user by its own hand. Who it is now is noted before the change is sent, and taken back when it was refused.
 */
async function changeUser(
  world: World,
  account: Account,
  { newUsername, newEmail, newPassword }: { newUsername?: string; newEmail?: string; newPassword?: string },
  { by = account, profile }: { by?: Account; profile?: UploadFile } = {},
): Promise<Answer> {
  const { username, email, password } = account;
  world.renamed(account, {
    username: newUsername ?? username,
    email: newEmail ?? email,
    password: newPassword ?? password,
  });
  const changes = { newUsername, newEmail, newPassword };
  const answer = await discodeitOf(world).updateUserAnswer(by.rest, account.id, changes, profile);
  if (refused(answer)) world.renamed(account, { username, email, password });
  return answer;
}

/** A change of every field, which every server takes. */
function allFields(world: World): { newUsername: string; newEmail: string; newPassword: string } {
  const { username, email, password } = world.newcomer();
  return { newUsername: username, newEmail: email, newPassword: password };
}

/** Logs in as the one that the account is after a change: that this works is what was changed. */
async function logInAs(world: World, account: Account, what: string): Promise<void> {
  try {
    await logInAgain(world, account);
  } catch (error) {
    const isRefusal = error instanceof TargetError && /answered 4\d\d/.test(error.message);
    if (isRefusal) throw new Violation(`after a change of ${what} the login is refused: ${error.message}`);
    throw error;
  }
}

/** Changes the role of a disposable account, hands over the answer, and takes the change back whatever happens. */
export async function withRole(
  world: World,
  account: Account,
  role: Role,
  work: (answer: Answer) => Promise<void>,
): Promise<void> {
  const admin = await world.admin();
  const answer = await discodeitOf(world).roleAnswer(admin.rest, account.id, role);
  try {
    await work(answer);
  } finally {
    await discodeitOf(world).roleAnswer(admin.rest, account.id, "USER");
  }
}

/** Mallory tries to change somebody, who must not notice; who changes itself so is the control. */
async function changeOfAnother(world: World): Promise<Answer> {
  const victim = await world.disposable();
  const [mallory] = await world.accounts(1);
  const { username, email } = victim;
  const answer = await changeUser(world, victim, allFields(world), { by: mallory });
  const isAsBefore = (user: UserDto | undefined): boolean =>
    user !== undefined && says(user.username, username) && says(user.email, email);
  // A list that comes from a cache may still show what the victim was before the proof.
  claim(
    isAsBefore(await listedSo(world, mallory, victim.id, isAsBefore)),
    `a change of another user was answered ${answer.status} and took effect`,
  );
  const control = await changeUser(world, victim, allFields(world));
  rely("change a user", accepted(control), `a change of oneself was answered ${control.status}`);
  return answer;
}

/**
 * A sign-up that must be answered 4xx and leave nobody behind. That a sound one is accepted, the pool's accounts show.
 */
async function refusedSignUp(world: World, what: string, user: NewUser): Promise<void> {
  const { answer } = await signUp(world, user);
  claim(answer.status >= 400 && answer.status < 500, `${what} was answered ${answer.status}`);
  const [observer] = await world.accounts(1);
  const made = (await discodeitOf(world).users(observer.rest)).some(
    ({ email, username }) => email === user.email || (user.username !== "" && username === user.username),
  );
  claim(!made, `${what} was answered ${answer.status}, and a user was made`);
}

/** Whoever is deleted has been there: wrote, was written to, and may have been notified. */
async function live(world: World, account: Account, peer: Account): Promise<void> {
  const channel = await world.privateChannel(account, peer);
  await posted(world, account, channel, world.marker());
  await switchNotifications(world, account, channel, true).catch(untilTargetError);
  await posted(world, peer, channel, world.marker());
  await lookUntil(
    world,
    () => discodeitOf(world).notifications(account.rest),
    ({ length }) => length > 0,
  ).catch(untilTargetError);
}

/** What does not work is for others to say. */
function untilTargetError(error: unknown): void {
  if (!(error instanceof TargetError)) throw error;
}

async function deletedBySelf(
  world: World,
  before: (account: Account) => Promise<void> = () => Promise.resolve(),
): Promise<{ answer: Answer; gone: Account; path: string }> {
  const gone = await world.disposable();
  await before(gone);
  const path = await guardedPath(world, gone);
  rely("log in", accepted(await ask(path, gone.rest)), "a fresh token is refused");
  const answer = await discodeitOf(world).deleteUserAnswer(gone.rest, gone.id);
  gone.gone = accepted(answer);
  return { answer, gone, path };
}

/** Name and value of every field of a JSON text, at any depth. */
function fieldsOf(value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [[name, inner] as [string, unknown], ...fieldsOf(inner)]);
}

function checkNoPassword(what: string, answer: Answer, password: string): void {
  claim(!answer.text.includes(password), `${what} holds the password`);
  claim(
    !/\$2[abxy]?\$\d\d\$|\$argon2|\$scrypt\$|\{(bcrypt|noop|pbkdf2)\}/.test(answer.text),
    `${what} holds the hash of a password`,
  );
  const field = fieldsOf(jsonIn(answer.text)).find(
    ([name, value]) => /passw|hash/i.test(name) && typeof value === "string",
  );
  claim(field === undefined, `${what} has a field ${field?.[0]}`);
}

/** What one step beyond each limit is, and the field that is to blame. */
const beyondLimits: readonly [what: string, field: keyof NewUser, value: (name: string) => string][] = [
  ["a username of 2 characters", "username", () => randomBytes(1).toString("hex")],
  ["a username of 51 characters", "username", (name) => name.padEnd(51, "x")],
  ["an e-mail of 101 characters", "email", (name) => emailOf(name, 101)],
  ["a password of 7 characters", "password", () => "abcde1!"],
  ["a password of 61 characters", "password", () => "a1!".padEnd(61, "x")],
  ["a password without a letter", "password", () => "12345678!"],
  ["a password without a digit", "password", () => "abcdefgh!"],
  ["a password without one of !@#$%^&*", "password", () => "abcdefg12"],
];

/** The local part stays below its own limit of 64, and so does each label of the domain. */
function emailOf(name: string, length: number): string {
  const domain = "d".repeat(length - name.length - 9).replace(/(d{40})d(?=d)/g, "$1.");
  return `${name}@${domain}.example`;
}

export const accounts: Proofs<typeof area> = {
  "accounts.user-has-its-fields": async (world) => {
    const [alice] = await world.accounts(1);
    const look = (): Promise<{ id: string } | undefined> =>
      step("list users", async () => {
        const answer = await alice.rest.request("GET", "/api/users");
        discodeitOf(world).read(answer, discodeitOf(world).schemas.user.array(), "list users");
        return (JSON.parse(answer.text) as { id: string }[]).find(({ id }) => id === alice.id);
      });
    const own = await lookUntil(world, look, (found) => found !== undefined);
    rely("list users", own !== undefined, "the list does not hold the user who asks");
    claimShape(JSON.stringify(own), discodeitOf(world).strict.user, "a UserDto in the list");
  },

  "accounts.sign-up-returns-the-user": async (world) => {
    const user = world.newcomer();
    const { answer } = await signUp(world, user);
    claim(answer.status === 201, `answered ${answer.status}`);
    const dto = discodeitOf(world).read(answer, discodeitOf(world).schemas.user, "sign up");
    claim(
      says(dto.username, user.username) && says(dto.email, user.email) && dto.profile == null,
      () => `the UserDto is ${answer.text.slice(0, 300)}`,
    );
  },

  "accounts.sign-up-stores-the-profile": async (world) => {
    const [observer] = await world.accounts(1);
    const { answer } = await signUp(world, world.newcomer(), picture);
    claim(accepted(answer), `a sign-up with a profile was answered ${answer.status}`);
    const { profile, id } = discodeitOf(world).read(answer, discodeitOf(world).schemas.user, "sign up");
    claim(profile != null, "the UserDto has no profile");
    const file = await discodeitOf(world).file(observer.rest, profile.id);
    claim(
      says(file.fileName, picture.name) && says(file.size, picture.bytes.length),
      `the profile is stored as ${file.fileName} of ${file.size} bytes`,
    );
    const seen = await listedSo(world, observer, id, (user) => user?.profile?.id === profile.id);
    rely("list users", seen !== undefined, "the list does not hold the new user");
    claim(seen.profile?.id === profile.id, "the list of users shows another profile, or none");
  },

  "accounts.list-holds-the-user": async (world) => {
    const [observer] = await world.accounts(1);
    await discodeitOf(world).users(observer.rest); // a server that caches the list has it now
    const user = world.newcomer();
    const { answer, account } = await signUp(world, user);
    rely("sign up", accepted(answer), `answered ${answer.status}`);
    const isNew = ({ id, username }: UserDto): boolean =>
      account.id === "" ? username === user.username : id === account.id;
    const found = await lookUntil(
      world,
      async () => (await discodeitOf(world).users(observer.rest)).filter(isNew),
      ({ length }) => length === 1,
    );
    claim(
      found.length === 1 && says(found[0]!.email, user.email) && says(found[0]!.username, user.username),
      `the list holds the new user ${found.length} times`,
    );
  },

  "accounts.update-changes-the-user": async (world) => {
    const account = await world.disposable();
    const [observer] = await world.accounts(1);
    await discodeitOf(world).users(observer.rest);
    const answer = await changeUser(world, account, allFields(world), { profile: picture });
    claim(answer.status === 200, `answered ${answer.status}`);
    const { username, email } = account;
    const isChanged = (user: UserDto | undefined): boolean =>
      user !== undefined && says(user.username, username) && says(user.email, email);
    const dto = discodeitOf(world).read(answer, discodeitOf(world).schemas.user, "change a user");
    claim(
      isChanged(dto) && says(dto.profile?.fileName, picture.name) && dto.profile !== null,
      () => `the answer is ${answer.text.slice(0, 300)}`,
    );
    const seen = await listedSo(world, observer, account.id, isChanged);
    claim(isChanged(seen), `the list of users shows ${seen?.username} and ${seen?.email}`);
    await logInAs(world, account, "name and password");
  },

  "accounts.update-takes-optional-fields": async (world) => {
    const account = await world.disposable();
    const [observer] = await world.accounts(1);
    const { newUsername, newEmail, newPassword } = allFields(world);
    const change = async (what: string, changes: Parameters<typeof changeUser>[2]): Promise<void> => {
      const answer = await changeUser(world, account, changes);
      claim(answer.status === 200, `a change of the ${what} alone was answered ${answer.status}`);
      const isSo = (user: UserDto | undefined): boolean =>
        user !== undefined && says(user.username, account.username) && says(user.email, account.email);
      const seen = await listedSo(world, observer, account.id, isSo);
      claim(isSo(seen), `after a change of the ${what} alone the user is ${seen?.username}, ${seen?.email}`);
    };
    await change("e-mail", { newEmail });
    await change("username", { newUsername });
    // By the new name and the password that stayed; tokens that hold the name end on some servers
    await logInAs(world, account, "the username alone");
    await change("password", { newPassword });
    await logInAs(world, account, "the password alone");
  },

  "accounts.update-to-the-same-value": async (world) => {
    const account = await world.disposable();
    const { username, email, password } = account;
    const changes = { newUsername: username, newEmail: email, newPassword: password };
    const answer = await changeUser(world, account, changes);
    claim(answer.status === 200, `answered ${answer.status}`);
  },

  "accounts.update-only-self": async (world) => {
    const answer = await changeOfAnother(world);
    claim(refused(answer), `answered ${answer.status}`);
  },

  "accounts.update-only-self-is-403": async (world) => {
    const { status } = await changeOfAnother(world);
    claim(status === 403, `answered ${status}`);
  },

  "accounts.delete-removes-the-user": async (world) => {
    const [observer] = await world.accounts(1);
    const { answer, gone, path } = await deletedBySelf(world, (account) => live(world, account, observer));
    claim(accepted(answer), `the deletion of a user who wrote and was written to was answered ${answer.status}`);
    claim(await unlisted(world, observer, gone.id), "the user is still in the list");
    const after = await ask(path, gone.rest);
    claim(refused(after), `its token is answered ${after.status}`);
  },

  "accounts.delete-is-204": async (world) => {
    const { answer } = await deletedBySelf(world);
    rely("delete a user", accepted(answer), `answered ${answer.status}`);
    claim(answer.status === 204, `answered ${answer.status}`);
  },

  "accounts.delete-only-self-or-admin": async (world) => {
    const victim = await world.disposable();
    const [mallory, observer] = await world.accounts(2);
    await world.privateChannel(mallory, victim); // the control: Mallory's other requests are accepted
    rely(
      "list users",
      (await listedSo(world, observer, victim.id, (user) => user !== undefined)) !== undefined,
      "the list does not hold the user who is to be deleted",
    );
    const answer = await discodeitOf(world).deleteUserAnswer(mallory.rest, victim.id);
    victim.gone = (await listed(world, observer, victim.id)) === undefined;
    claim(!victim.gone, `a user's deletion of another was answered ${answer.status} and took effect`);
    claim(refused(answer), `answered ${answer.status}`);
    const own = await discodeitOf(world).deleteUserAnswer(victim.rest, victim.id); // the control: whose it is may
    victim.gone = accepted(own);
    rely("delete a user", victim.gone, `the user's own deletion was answered ${own.status}`);
  },

  "accounts.delete-by-admin": async (world) => {
    const [admin, account] = [await world.admin(), await world.disposable()];
    const answer = await discodeitOf(world).deleteUserAnswer(admin.rest, account.id);
    account.gone = accepted(answer);
    claim(account.gone, `answered ${answer.status}`);
    claim(await unlisted(world, admin, account.id), "the user is still in the list");
  },

  "accounts.deleted-author-is-null": async (world) => {
    const author = await world.disposable();
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob, author);
    const { id } = await posted(world, author, channel, world.marker());
    const answer = await discodeitOf(world).deleteUserAnswer(author.rest, author.id);
    author.gone = accepted(answer);
    rely("delete a user", author.gone, `answered ${answer.status}`);
    const message = await lookUntil(
      world,
      async () => {
        const page = await discodeitOf(world).historyAnswer(alice.rest, channel.id);
        rely("read the history of somebody who is gone", accepted(page), `answered ${page.status}`);
        return discodeitOf(world)
          .read(page, discodeitOf(world).schemas.page, "read the history")
          .content.find((item) => item.id === id);
      },
      (item) => item?.author == null,
    );
    claim(message !== undefined, "the message went with its author");
    claim(message.author == null, `the author is ${JSON.stringify(message.author)}`);
  },

  "accounts.username-not-empty": (world) => refusedSignUp(world, "an empty username", world.newcomer({ username: "" })),

  "accounts.email-has-a-form": (world) =>
    refusedSignUp(world, "an e-mail without @", world.newcomer({ email: world.name("no-address") })),

  "accounts.limits-are-exact": async (world) => {
    const shortest = world.newcomer({
      username: BigInt(`0x${randomBytes(3).toString("hex")}`)
        .toString(36)
        .slice(-3)
        .padStart(3, "r"),
      password: "abcde12*",
    });
    const longest = world.newcomer({
      username: world.name("b").padEnd(50, "x"),
      email: emailOf(world.name("b"), 100),
      password: "a1^".padEnd(60, "x"),
    });
    for (const [what, user] of [
      ["the shortest username and password", shortest],
      ["the longest username, e-mail and password", longest],
    ] as const) {
      const { answer } = await signUp(world, user);
      claim(answer.status === 201, () => `${what} were answered ${answer.status} ${answer.text.slice(0, 200)}`);
    }
    for (const [index, [what, field, value]] of beyondLimits.entries()) {
      const user = world.newcomer();
      const { answer } = await signUp(world, { ...user, [field]: value(world.name(`c${index}`)) });
      claim(answer.status === 400, `${what} was answered ${answer.status}`);
      const { details } = readJson(answer.text, discodeitOf(world).schemas.error, `the answer to ${what}`);
      claim(
        details != null && Object.hasOwn(details, field),
        `the details of ${what} name no field ${field}: ${JSON.stringify(details)}`,
      );
    }
  },

  "accounts.duplicate-username": async (world) => {
    const [alice] = await world.accounts(1);
    const user = world.newcomer({ username: alice.username });
    const { answer } = await signUp(world, user);
    claim(refused(answer), `answered ${answer.status}`);
    const users = await discodeitOf(world).users(alice.rest);
    claim(
      !users.some(({ email }) => email === user.email) &&
        users.filter(({ username }) => username === alice.username).length === 1,
      `answered ${answer.status}, and a second user has the name`,
    );
  },

  "accounts.duplicate-is-409": async (world) => {
    const [alice] = await world.accounts(1);
    for (const [what, taken] of [
      ["username", { username: alice.username }],
      ["e-mail", { email: alice.email }],
    ] as const) {
      const { answer } = await signUp(world, world.newcomer(taken));
      claim(answer.status === 409, `a taken ${what} was answered ${answer.status}`);
    }
  },

  "accounts.role-change-by-admin": async (world) => {
    const account = await world.disposable();
    const admin = await world.admin();
    await withRole(world, account, "CHANNEL_MANAGER", async (answer) => {
      claim(answer.status === 200, `answered ${answer.status}`);
      const dto = discodeitOf(world).read(answer, discodeitOf(world).schemas.user, "change a role");
      claim(dto.id === account.id && says(dto.role, "CHANNEL_MANAGER"), `the answer shows role ${dto.role}`);
      const isManager = (user: UserDto | undefined): boolean =>
        user !== undefined && says(user.role, "CHANNEL_MANAGER");
      const seen = await listedSo(world, admin, account.id, isManager);
      claim(isManager(seen), `the list of users shows role ${seen?.role}`);
    });
  },

  "accounts.role-change-ends-logins": async (world) => {
    // With one login and one token: those of a login that was refreshed are another matter.
    const { account } = await signUp(world, world.newcomer());
    await logInAgain(world, account);
    const path = await guardedPath(world, account);
    rely("log in", accepted(await ask(path, account.rest)), "a fresh token is refused");
    await withRole(world, account, "CHANNEL_MANAGER", async (answer) => {
      rely("change a role", accepted(answer), `answered ${answer.status}`);
      const after = await ask(path, account.rest);
      claim(refused(after), `after the role change the old token is answered ${after.status}`);
    });
    await logInAgain(world, account);
    const now = await ask(path, account.rest);
    rely("log in again", accepted(now), `after the role change the new token is answered ${now.status}`);
  },

  "accounts.role-change-sends-an-event": async (world) => {
    const account = await world.disposable();
    const [observer] = await world.accounts(1);
    const stream = await world.events(observer);
    let before = stream.events.length;
    const told = async (what: string): Promise<boolean> => {
      const isNew = (event: SseEvent): boolean => stream.events.slice(before).some((item) => item === event);
      const matches = (event: SseEvent): boolean => isNew(event) && holds(event.data, account.id);
      return await stream
        .awaitEvent(`an event about ${what}`, matches, world.deadlineMs)
        .then(() => true, untilTimeout);
    };
    await withRole(world, account, "CHANNEL_MANAGER", async (answer) => {
      rely("change a role", accepted(answer), `answered ${answer.status}`);
      if (await told("a role change")) return;
      // Is nothing told of users, or nothing of their roles?
      await logInAgain(world, account);
      await told("a login"); // which is no change, and may be told all the same
      before = stream.events.length;
      const control = await changeUser(world, account, allFields(world));
      rely("change a user", accepted(control), `answered ${control.status}`);
      rely(
        "hear of a user",
        await told("a change of a user"),
        "neither a role change nor a change of the name is told",
      );
      claim(false, `nobody was told of a role change within ${world.deadlineMs} ms`);
    });
  },

  "accounts.role-change-only-by-admin": async (world) => {
    const account = await world.disposable();
    const [peer] = await world.accounts(1);
    // The control: the account's other requests are accepted. Its login may be over when the channel is deleted.
    world.keep((await discodeitOf(world).privateChannel(account.rest, [account.id, peer.id])).id, peer);
    const roleOf = async (): Promise<string> => {
      const user = await listedSo(world, peer, account.id, (item) => item !== undefined);
      rely("list users", user !== undefined, "the list does not hold a user");
      rely("show a user's role", user.role !== undefined, "the UserDto in the list shows none");
      return user.role;
    };
    const before = await roleOf();
    const answer = await discodeitOf(world).roleAnswer(account.rest, account.id, "ADMIN");
    const role = await roleOf();
    if (role !== before && world.has("admin"))
      await discodeitOf(world).roleAnswer((await world.admin()).rest, account.id, "USER");
    claim(role === before, `a user's change of its own role was answered ${answer.status}, and its role is ${role}`);
    claim(refused(answer), `answered ${answer.status}`);
    if (!world.has("admin")) return;
    // The control: an admin may
    const allowed = await discodeitOf(world).roleAnswer((await world.admin()).rest, account.id, "USER");
    rely("change a role", accepted(allowed), `an admin's change of the role was answered ${allowed.status}`);
  },

  "accounts.roles-are-a-hierarchy": async (world) => {
    await world.publicChannel(); // the control: the run's channel manager may
    const admin = await world.admin();
    const answer = await discodeitOf(world).publicChannelAnswer(
      admin.rest,
      world.newcomer().username,
      "made by rollcall",
    );
    const id = idIn(answer);
    if (accepted(answer) && id !== undefined) world.keep(id, admin);
    claim(accepted(answer), `an admin's POST /api/channels/public was answered ${answer.status}`);
  },

  "accounts.password-never-shown": async (world) => {
    const user = world.newcomer();
    const { answer, account } = await signUp(world, user);
    rely("sign up", accepted(answer), `answered ${answer.status}`);
    checkNoPassword("the answer to sign-up", answer, user.password);
    const login = await logInAgain(world, account);
    if (discodeitOf(world).revision === 2) checkNoPassword("the answer to login", login, user.password);
    const list = await account.rest.request("GET", "/api/users");
    checkNoPassword("the list of users", list, user.password);
    const { newUsername, newEmail } = allFields(world);
    const changed = await changeUser(world, account, { newUsername, newEmail, newPassword: user.password });
    checkNoPassword("the answer to a change", changed, user.password);
    const [peer] = await world.accounts(1);
    const channel = await discodeitOf(world).privateChannelAnswer(peer.rest, [peer.id, account.id]);
    checkNoPassword("a ChannelDto", channel, user.password);
    const channelId = idIn(channel);
    rely("create a private channel", channelId !== undefined, `answered ${channel.status}`);
    const { id } = world.keep(channelId, peer);
    const message = { channelId: id, authorId: account.id, content: world.marker() };
    checkNoPassword("a MessageDto", await discodeitOf(world).postAnswer(account.rest, message), user.password);
  },
};
