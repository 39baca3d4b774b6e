// How people come about, log in, meet in a room, and go again.

import { TargetError } from "../../drivers/errors.ts";
import { Http } from "../../drivers/http.ts";
import type { Who } from "../../systems/types.ts";
import type { Account } from "../account-pool.ts";
import type { RunContext } from "../rooms.ts";
import { newPassword } from "../speaker.ts";
import type { World } from "../world.ts";
import { shown, Wrong, type Stage, type Trial } from "./trial.ts";
import { counted } from "../text.ts";

const base = ["http.alive", "http.csrf", "http.prepare"];

/** From the first request to an open room. */
export function peopleTrials(world: World, context: RunContext): Trial[] {
  const { http, accounts, rooms } = world.system;
  const join = rooms?.join;
  const leave = rooms?.leave;
  const whence = accounts?.signUp ? "accounts.signUp" : accounts?.guest ? "accounts.guest" : "accounts.listed";
  const inside = [...base, whence, "accounts.logIn"];
  const trials: (Trial | false)[] = [
    { name: "http.alive", work: askAlive },
    http?.csrf !== undefined && { name: "http.csrf", rests: ["http.alive"], work: askCsrf },
    http?.prepare !== undefined && { name: "http.prepare", rests: ["http.alive"], work: prepare },
    { name: whence, rests: base, work: (stage) => makePeople(stage, context, join === undefined ? 2 : 3) },
    accounts?.logIn !== undefined && { name: "accounts.logIn", rests: [...base, whence], work: logPeopleIn },
    accounts?.check !== undefined && { name: "accounts.check", rests: inside, work: checkLogin },
    accounts?.refresh !== undefined && { name: "accounts.refresh", rests: inside, work: refreshLogin },
    (http?.guarded?.length ?? 0) > 0 && { name: "http.guarded", rests: inside, work: askGuarded },
    rooms !== undefined && { name: "rooms.open", rests: inside, work: openRoom },
    rooms?.list !== undefined && { name: "rooms.list", rests: ["rooms.open"], work: listRooms },
    join !== undefined && { name: "rooms.join", rests: ["rooms.open"], work: (stage) => byThird(stage, join) },
    join !== undefined &&
      leave !== undefined && { name: "rooms.leave", rests: ["rooms.join"], work: (stage) => byThird(stage, leave) },
    world.target.admin !== undefined && { name: "accounts.admin", rests: inside, work: logAdminIn },
    world.target.admin !== undefined &&
      rooms?.openPublic !== undefined && { name: "rooms.openPublic", rests: ["accounts.admin"], work: openPublicRoom },
  ];
  return trials.filter((trial) => trial !== false);
}

/** What is asked last, because nothing can be done afterwards. */
export function leavingTrials({ system: { accounts, rooms } }: World, context: RunContext): Trial[] {
  const rests = ["accounts.signUp", "accounts.guest", "accounts.listed", "accounts.logIn"];
  const trials: (Trial | false)[] = [
    rooms?.remove !== undefined && {
      name: "rooms.remove",
      rests: ["rooms.open"],
      work: (stage) => removeRooms(stage, context),
    },
    accounts?.logOut !== undefined && {
      name: "accounts.logOut",
      rests,
      work: (stage) => logOut(stage, context),
    },
    accounts?.remove !== undefined && { name: "accounts.remove", rests, work: removePeople },
  ];
  return trials.filter((trial) => trial !== false);
}

async function askAlive({ world }: Stage): Promise<string> {
  const { alivePath } = world.speaker;
  const { status } = await world.stranger().request("GET", alivePath);
  // The default is a guess: whatever comes, somebody is there.
  if (status >= 400 && world.system.http?.alive !== undefined)
    throw new Wrong(`GET ${alivePath} was answered ${status}: it is what everybody may GET`);
  return `GET ${alivePath} was answered ${status}`;
}

async function askCsrf({ world }: Stage): Promise<string> {
  const { path, cookie } = world.system.http!.csrf!;
  const client = world.stranger();
  const { status } = await client.request("GET", path);
  if (client.jar.cookies.has(cookie)) return `GET ${path} set the cookie ${cookie}`;
  const names = [...client.jar.cookies.keys()].join(", ");
  throw new Wrong(`GET ${path} was answered ${status} and set no cookie ${cookie}, but ${names || "none at all"}`);
}

async function prepare({ world }: Stage): Promise<string> {
  try {
    await world.system.http!.prepare!(new Http(world.stranger()));
    return "ok";
  } catch (error) {
    if (error instanceof TargetError) throw error;
    throw new Wrong(`it threw ${String(error)}`, { cause: error });
  }
}

/** How many people a definition lists, at least: two talk. */
const listedMin = 2;

async function makePeople(stage: Stage, { pool }: RunContext, count: number): Promise<string> {
  const { world } = stage;
  const { listed, signUp, guest, logIn } = world.system.accounts ?? {};
  const isListed = signUp === undefined && guest === undefined && listed !== undefined;
  const all = isListed ? listed() : undefined;
  if (all !== undefined && (!Array.isArray(all) || all.length < listedMin))
    throw new Wrong(
      `it gives ${shown(all)}: at least ${listedMin} people are needed, each { username, email, password }`,
    );
  const newcomer = (): Who => {
    const username = pool.nextName();
    return { username, email: `${username}@rollcall.example`, password: newPassword() };
  };
  for (const who of all?.slice(0, count) ?? Array.from({ length: count }, newcomer)) {
    const account = pool.adopt(who);
    account.rest = account.rest.at({ transcript: world.transcript });
    await world.speaker.signUp(account);
    if (logIn === undefined) await world.speaker.logIn(account);
    stage.people.push(account);
  }
  const [{ id, username }] = stage.people as [Account];
  return `${stage.people.length} people, the first of them ${username}${id === "" ? "" : ` with the id ${id}`}`;
}

async function logPeopleIn({ world, people }: Stage): Promise<string> {
  for (const account of people) {
    world.transcript.secrets.add(await world.speaker.logIn(account));
    account.loggedInAtMs = performance.now();
  }
  const [{ rest }] = people as [Account];
  if (rest.accessToken !== undefined) return "a bearer token";
  const cookies = [...rest.jar.cookies.keys()];
  return cookies.length > 0 ? `the cookies ${cookies.join(", ")}` : "headers";
}

async function checkLogin({ world, people: [first] }: Stage): Promise<string> {
  await world.speaker.check(first!);
  return "the login is good";
}

async function refreshLogin({ world, people: [first] }: Stage): Promise<string> {
  world.transcript.secrets.add(await world.speaker.refresh(first!));
  return "a fresh credential";
}

async function askGuarded({ world, people: [first] }: Stage): Promise<string> {
  const paths = world.system.http!.guarded!;
  for (const path of paths) {
    const { status } = await first!.rest.request("GET", path);
    if (status >= 400) throw new Wrong(`GET ${path} was answered ${status} to somebody who is logged in`);
  }
  return `${paths.join(", ")}: open to who is logged in`;
}

async function openRoom(stage: Stage): Promise<string> {
  const [owner, member] = stage.people as [Account, Account];
  stage.room = await stage.world.privateChannel(owner, member);
  return `room ${stage.room.id}`;
}

async function listRooms({ world, people: [owner], room }: Stage): Promise<string> {
  const rooms = await world.speaker.rooms(owner!);
  if (!Array.isArray(rooms)) throw new Wrong(`it gives no list, but ${shown(rooms)}`);
  if (rooms.some(({ id }) => String(id) === room!.id))
    return `${counted(rooms.length, "room")}, that of this check among them`;
  throw new Wrong(`${room!.id}, which was just opened, is not among its rooms: ${shown(rooms)}`);
}

type Moving = NonNullable<NonNullable<World["system"]["rooms"]>["join"]>;

async function byThird({ world, people, room }: Stage, move: Moving): Promise<string> {
  const third = people[2];
  if (third === undefined) throw new Wrong("it needs a third person: accounts.listed gives two");
  try {
    await move(world.speaker.memberOf(third), room!.room);
    return third.username;
  } catch (error) {
    if (error instanceof TargetError) throw error;
    throw new Wrong(`it threw ${String(error)}`, { cause: error });
  }
}

async function logAdminIn({ world }: Stage): Promise<string> {
  return `logged in as ${(await world.admin()).username}`;
}

async function openPublicRoom({ world }: Stage): Promise<string> {
  return `room ${(await world.publicChannel()).id}`;
}

async function removeRooms({ world }: Stage, { channels }: RunContext): Promise<string> {
  const rooms = [...channels];
  for (const channel of rooms) {
    await world.speaker.removeRoom(channel.owner, channel.room);
    world.forget(channel.id);
  }
  return rooms.length === 1 ? `room ${rooms[0]!.id} is gone` : `${rooms.length} rooms are gone`;
}

/** Whoever is logged out has to be deleted afterwards. */
async function logOut({ world, people }: Stage, { pool }: RunContext): Promise<string> {
  const last = people.at(-1)!;
  await world.speaker.logOut(last);
  if (world.speaker.removesAccounts) await pool.logInAgain(last, undefined, world.transcript);
  return `${last.username} logged out`;
}

async function removePeople({ world, people }: Stage): Promise<string> {
  for (const account of people) {
    await world.speaker.removeAccount(account);
    account.gone = true;
  }
  return people.length === 1 ? `account ${people[0]!.username} is gone` : `${people.length} accounts are gone`;
}
