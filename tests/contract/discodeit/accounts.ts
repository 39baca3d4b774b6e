// Proofs of contract/discodeit/accounts.ts. Users whom a proof signs up itself are deleted with it; everybody else comes from the
// pool.

import { randomBytes } from "node:crypto";
import type { accounts as area } from "../../../contract/discodeit/accounts.ts";
import type { UserDto } from "../../../systems/discodeit/shapes.ts";
import type { Role } from "../../../systems/discodeit/wire.ts";
import { jsonOf, type Answer } from "../../../drivers/rest.ts";
import type { NewUser, UploadFile } from "../../../systems/discodeit/client.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, claimShape, readJson, type Proofs } from "../../../runner/proof.ts";
import type { World } from "../../../runner/world.ts";

export const refused = ({ status }: Answer): boolean => status >= 400 && status < 600;
export const accepted = ({ status }: Answer): boolean => status >= 200 && status < 300;

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
  (await world.system.users(observer.rest)).find((user) => user.id === id);

const tokenWorks = async (account: Account): Promise<boolean> =>
  (await account.rest.request("GET", "/api/users")).status === 200;

/** Changes the role of a disposable account, hands over the answer, and takes the change back whatever happens. */
export async function withRole(
  world: World,
  account: Account,
  role: Role,
  work: (answer: Answer) => Promise<void>,
): Promise<void> {
  const admin = await world.admin();
  const answer = await world.system.roleAnswer(admin.rest, account.id, role);
  try {
    await work(answer);
  } finally {
    await world.system.roleAnswer(admin.rest, account.id, "USER");
  }
}

/** Mallory tries to change Alice, who must not notice; changing itself is the control. */
async function changeOfAnother(world: World): Promise<Answer> {
  const mallory = await world.disposable();
  const [alice] = await world.accounts(1);
  const email = (suffix: string): string => `${world.name(suffix)}@rollcall.example`;
  const answer = await world.system.updateUserAnswer(mallory.rest, alice.id, { newEmail: email("stolen") });
  const after = await listed(world, alice, alice.id);
  claim(after?.email === alice.email, `a change of another user was answered ${answer.status} and took effect`);
  const control = await world.system.updateUserAnswer(mallory.rest, mallory.id, { newEmail: email("own") });
  claim(control.status === 200, `a change of the own e-mail was answered ${control.status}`);
  world.renamed(mallory, { email: email("own") });
  return answer;
}

/**
 * A sign-up that must be answered 4xx and leave nobody behind. That a sound one is accepted, the pool's accounts show.
 */
async function refusedSignUp(world: World, what: string, user: NewUser): Promise<void> {
  const { answer } = await world.signUp(user);
  claim(answer.status >= 400 && answer.status < 500, `${what} was answered ${answer.status}`);
  const [observer] = await world.accounts(1);
  const made = (await world.system.users(observer.rest)).some(
    ({ email, username }) => email === user.email || (user.username !== "" && username === user.username),
  );
  claim(!made, `${what} was answered ${answer.status}, and a user was made`);
}

async function deletedBySelf(world: World): Promise<{ answer: Answer; gone: Account }> {
  const gone = await world.disposable();
  claim(await tokenWorks(gone), "a fresh token is refused");
  const answer = await world.system.deleteUserAnswer(gone.rest, gone.id);
  gone.gone = accepted(answer);
  return { answer, gone };
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
  const field = fieldsOf(jsonOf(answer, what)).find(
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

/** The local part stays below its own limit of 64. */
const emailOf = (name: string, length: number): string => `${name}@${"d".repeat(length - name.length - 9)}.example`;

export const accounts: Proofs<typeof area> = {
  "accounts.user-has-its-fields": async (world) => {
    const [alice] = await world.accounts(1);
    const list = await alice.rest.request("GET", "/api/users");
    world.system.read(list, world.system.schemas.user.array(), "list users");
    const own = (JSON.parse(list.text) as { id: string }[]).find(({ id }) => id === alice.id);
    claimShape(JSON.stringify(own), world.system.strict.user, "a UserDto in the list");
  },

  "accounts.sign-up-returns-the-user": async (world) => {
    const user = world.newcomer();
    const { answer } = await world.signUp(user);
    claim(answer.status === 201, `answered ${answer.status}`);
    const dto = world.system.read(answer, world.system.schemas.user, "sign up");
    claim(
      dto.username === user.username && dto.email === user.email && dto.profile === null,
      () => `the UserDto is ${answer.text.slice(0, 300)}`,
    );
  },

  "accounts.sign-up-stores-the-profile": async (world) => {
    const [observer] = await world.accounts(1);
    const { answer } = await world.signUp(world.newcomer(), picture);
    claim(answer.status === 201, `answered ${answer.status}`);
    const { profile, id } = world.system.read(answer, world.system.schemas.user, "sign up");
    claim(profile != null, "the UserDto has no profile");
    const file = await world.system.file(observer.rest, profile.id);
    claim(
      file.fileName === picture.name && file.size === picture.bytes.length,
      `the profile is stored as ${file.fileName} of ${file.size} bytes`,
    );
    claim(
      (await listed(world, observer, id))?.profile?.id === profile.id,
      "the list of users shows another profile, or none",
    );
  },

  "accounts.list-holds-the-user": async (world) => {
    const [observer] = await world.accounts(1);
    await world.system.users(observer.rest); // a server that caches the list has it now
    const user = world.newcomer();
    const { answer } = await world.signUp(user);
    claim(accepted(answer), `sign-up was answered ${answer.status}`);
    const list = await observer.rest.request("GET", "/api/users");
    claim(list.status === 200, `answered ${list.status}`);
    const found = world.system
      .read(list, world.system.schemas.user.array(), "list users")
      .filter(({ username }) => username === user.username);
    claim(found.length === 1 && found[0]!.email === user.email, `the list holds the new user ${found.length} times`);
  },

  "accounts.update-changes-the-user": async (world) => {
    const account = await world.disposable();
    const [observer] = await world.accounts(1);
    await world.system.users(observer.rest);
    const { username, email, password } = world.newcomer();
    const answer = await world.system.updateUserAnswer(
      account.rest,
      account.id,
      { newUsername: username, newEmail: email, newPassword: password },
      picture,
    );
    claim(answer.status === 200, `answered ${answer.status}`);
    world.renamed(account, { username, email, password });
    const dto = world.system.read(answer, world.system.schemas.user, "change a user");
    claim(
      dto.username === username && dto.email === email && dto.profile?.fileName === picture.name,
      () => `the answer is ${answer.text.slice(0, 300)}`,
    );
    const seen = await listed(world, observer, account.id);
    claim(
      seen?.username === username && seen.email === email,
      `the list of users shows ${seen?.username} and ${seen?.email}`,
    );
    await world.logInAgain(account);
  },

  "accounts.update-takes-optional-fields": async (world) => {
    const account = await world.disposable();
    const [observer] = await world.accounts(1);
    const { username, email, password } = world.newcomer();
    const change = async (changes: Record<string, string>, now: Partial<NewUser>): Promise<void> => {
      const answer = await world.system.updateUserAnswer(account.rest, account.id, changes);
      claim(answer.status === 200, `a change of ${Object.keys(changes).join()} alone was answered ${answer.status}`);
      world.renamed(account, now);
      const seen = await listed(world, observer, account.id);
      claim(
        seen?.username === account.username && seen.email === account.email,
        `after a change of ${Object.keys(changes).join()} alone the user is ${seen?.username}, ${seen?.email}`,
      );
    };
    await change({ newEmail: email }, { email });
    await change({ newUsername: username }, { username });
    // By the new name and the password that stayed; tokens that hold the name end on some servers
    await world.logInAgain(account);
    await change({ newPassword: password }, { password });
    await world.logInAgain(account);
  },

  "accounts.update-to-the-own-value": async (world) => {
    const account = await world.disposable();
    const answer = await world.system.updateUserAnswer(account.rest, account.id, {
      newUsername: account.username,
      newEmail: account.email,
    });
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
    const { answer, gone } = await deletedBySelf(world);
    claim(accepted(answer), `answered ${answer.status}`);
    claim((await listed(world, observer, gone.id)) === undefined, "the user is still in the list");
    const after = await gone.rest.request("GET", "/api/users");
    claim(refused(after), `its token is answered ${after.status}`);
  },

  "accounts.delete-is-204": async (world) => {
    const { answer } = await deletedBySelf(world);
    claim(answer.status === 204, `answered ${answer.status}`);
  },

  "accounts.delete-only-self-or-admin": async (world) => {
    const victim = await world.disposable();
    const [mallory, observer] = await world.accounts(2);
    await world.privateChannel(mallory, victim); // the control: Mallory's other requests are accepted
    const answer = await world.system.deleteUserAnswer(mallory.rest, victim.id);
    victim.gone = (await listed(world, observer, victim.id)) === undefined;
    claim(!victim.gone, `a user's deletion of another was answered ${answer.status} and took effect`);
    claim(refused(answer), `answered ${answer.status}`);
    const own = await world.system.deleteUserAnswer(victim.rest, victim.id); // the control: whose it is may
    victim.gone = accepted(own);
    claim(victim.gone, `the user's own deletion was answered ${own.status}`);
  },

  "accounts.delete-by-admin": async (world) => {
    const [admin, account] = [await world.admin(), await world.disposable()];
    const answer = await world.system.deleteUserAnswer(admin.rest, account.id);
    account.gone = accepted(answer);
    claim(account.gone, `answered ${answer.status}`);
    claim((await listed(world, admin, account.id)) === undefined, "the user is still in the list");
  },

  "accounts.deleted-author-is-null": async (world) => {
    const author = await world.disposable();
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob, author);
    const { id } = await world.post(author, channel, world.marker());
    const answer = await world.system.deleteUserAnswer(author.rest, author.id);
    author.gone = accepted(answer);
    claim(author.gone, `the deletion was answered ${answer.status}`);
    const message = (await world.system.history(alice.rest, channel.id)).content.find((item) => item.id === id);
    claim(message !== undefined, "the message went with its author");
    claim(message.author === null, `the author is ${JSON.stringify(message.author)}`);
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
      const { answer } = await world.signUp(user);
      claim(answer.status === 201, () => `${what} were answered ${answer.status} ${answer.text.slice(0, 200)}`);
    }
    for (const [index, [what, field, value]] of beyondLimits.entries()) {
      const user = world.newcomer();
      const { answer } = await world.signUp({ ...user, [field]: value(world.name(`c${index}`)) });
      claim(answer.status === 400, `${what} was answered ${answer.status}`);
      const { details } = readJson(answer.text, world.system.schemas.error, `the answer to ${what}`);
      claim(
        details != null && Object.hasOwn(details, field),
        `the details of ${what} name no field ${field}: ${JSON.stringify(details)}`,
      );
    }
  },

  "accounts.duplicate-username": async (world) => {
    const [alice] = await world.accounts(1);
    const user = world.newcomer({ username: alice.username });
    const { answer } = await world.signUp(user);
    claim(refused(answer), `answered ${answer.status}`);
    const users = await world.system.users(alice.rest);
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
      const { answer } = await world.signUp(world.newcomer(taken));
      claim(answer.status === 409, `a taken ${what} was answered ${answer.status}`);
    }
  },

  "accounts.role-change-by-admin": async (world) => {
    const account = await world.disposable();
    const admin = await world.admin();
    await withRole(world, account, "CHANNEL_MANAGER", async (answer) => {
      claim(answer.status === 200, `answered ${answer.status}`);
      const dto = world.system.read(answer, world.system.schemas.user, "change a role");
      claim(dto.id === account.id && dto.role === "CHANNEL_MANAGER", `the answer shows role ${dto.role}`);
      const role = (await listed(world, admin, account.id))?.role;
      claim(role === "CHANNEL_MANAGER", `the list of users shows role ${role}`);
    });
  },

  "accounts.role-change-ends-logins": async (world) => {
    const account = await world.disposable();
    claim(await tokenWorks(account), "a fresh token is refused");
    await withRole(world, account, "CHANNEL_MANAGER", async (answer) => {
      claim(answer.status === 200, `the role change was answered ${answer.status}`);
      const after = await account.rest.request("GET", "/api/users");
      claim(refused(after), `after the role change the old token is answered ${after.status}`);
    });
    await world.logInAgain(account);
    claim(await tokenWorks(account), "a login after the role change gives a token that is refused");
  },

  "accounts.role-change-only-by-admin": async (world) => {
    const account = await world.disposable();
    const [peer] = await world.accounts(1);
    await world.privateChannel(peer, account);
    const control = await world.system.privateChannel(account.rest, [account.id, peer.id]);
    world.keep(control.id, peer);
    const answer = await world.system.roleAnswer(account.rest, account.id, "ADMIN");
    const role = (await listed(world, peer, account.id))?.role;
    if (role !== "USER" && world.has("admin"))
      await world.system.roleAnswer((await world.admin()).rest, account.id, "USER");
    claim(role === "USER", `a user's change of its own role was answered ${answer.status}, and its role is ${role}`);
    claim(refused(answer), `answered ${answer.status}`);
    if (!world.has("admin")) return;
    // The control: an admin may
    const allowed = await world.system.roleAnswer((await world.admin()).rest, account.id, "USER");
    claim(accepted(allowed), `an admin's change of the role was answered ${allowed.status}`);
  },

  "accounts.roles-are-a-hierarchy": async (world) => {
    const admin = await world.admin();
    const answer = await world.system.publicChannelAnswer(admin.rest, world.name("h"), "made by rollcall");
    claim(answer.status === 201, `an admin's POST /api/channels/public was answered ${answer.status}`);
    await world.deleteChannel(
      world.keep(world.system.read(answer, world.system.schemas.channel, "create a public channel").id, admin),
    );
  },

  "accounts.password-never-shown": async (world) => {
    const user = world.newcomer();
    const { answer, account } = await world.signUp(user);
    claim(accepted(answer), `sign-up was answered ${answer.status}`);
    checkNoPassword("the answer to sign-up", answer, user.password);
    const login = await world.logInAgain(account);
    if (world.revision === 2) checkNoPassword("the answer to login", login, user.password);
    const list = await account.rest.request("GET", "/api/users");
    checkNoPassword("the list of users", list, user.password);
    const changed = await world.system.updateUserAnswer(account.rest, account.id, {
      newEmail: `${world.name("t")}@rollcall.example`,
    });
    checkNoPassword("the answer to a change", changed, user.password);
    const [peer] = await world.accounts(1);
    const channel = await world.system.privateChannelAnswer(peer.rest, [peer.id, account.id]);
    checkNoPassword("a ChannelDto", channel, user.password);
    const { id } = world.keep(
      world.system.read(channel, world.system.schemas.channel, "create a private channel").id,
      peer,
    );
    const message = await world.system.postAnswer(account.rest, {
      channelId: id,
      authorId: account.id,
      content: world.marker(),
    });
    checkNoPassword("a MessageDto", message, user.password);
  },
};
