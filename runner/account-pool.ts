// The accounts of one run: made when first needed, leased exclusively, logged in once, deleted at the end. Terms:
// pooled – any proof may lease it, none may change it; disposable – a proof may end its login or change it; it logs in
// anew for each lease. Limits: 40 accounts a run. Names begin with the run's, so that a killed run can be tidied up.

import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { HarnessError, inStep, TargetError, TimeoutError } from "../drivers/errors.ts";
import type { Network } from "../drivers/network.ts";
import type { RestClient } from "../drivers/rest.ts";
import { Transcript, type Secrets } from "../drivers/transcript.ts";
import type { Credential, Who } from "../systems/types.ts";
import type { AccountBook } from "./account-book.ts";
import { newPassword, type Speaker, type Speaking } from "./speaker.ts";

export const accountsMax = 40;
/** With so many accounts in and out of it a pair of users has 2^n channels. */
export const fillersMax = 3;
const disposablesMax = 13;
const freshMax = 5;
/** The channel manager, the peer, and those that make a set of participants another one. */
const extrasMax = 2 + fillersMax;
const pooledMax = accountsMax - disposablesMax - freshMax - extrasMax;
/** Of people who are listed: how many one proof has together, and how many are kept for who asks for one alone. */
const togetherMin = 4;
const aloneMax = 4;
/** After so many failures in a row one tries, and the others take its outcome for theirs. */
const failuresMax = 5;

/** Tokens issued within the same second may be the same string on some servers. */
export const tokenGapMs = 1_100;

export interface Account extends Speaking {
  /** A short name for transcripts, as "A3". */
  label: string;
  /** Set by a proof that deleted it or spoiled it for others. */
  gone: boolean;
  disposable: boolean;
  loggedInAtMs: number;
  madeAtMs: number;
  /** When it was last asked whether a target that had been away still knows it. */
  checkedAtMs: number;
  /** Its login is older than its name, which tokens may hold: the next who leases it gets a new one. */
  isRenamed?: boolean;
  /**
   * What its login's cookies were: with others the login was renewed, and the token in hand may be no longer its last.
   */
  cookiesAtLogin?: string;
  /** Nobody could log in as it any more; it may be there all the same. */
  isInDoubt?: true;
  /** Its deletion was asked for, and the answer may be lost. */
  isLeaving?: true;
  /** An earlier run signed it up. */
  isOld?: boolean;
}

export interface PoolOptions {
  run: string;
  baseUrl: string;
  network: Network;
  secrets: Secrets;
  speaker: Speaker;
  /** Where accounts cannot be deleted: those of earlier runs. */
  book?: AccountBook | undefined;
}

export class AccountPool {
  /** Everything that was ever made, for the clean-up. */
  readonly accounts: Account[] = [];
  /** Called whenever `accounts` grew, before the sign-up is sent: what a killed run must tidy up. */
  onAccount: (account: Account) => void = () => {};
  readonly #options: PoolOptions;
  readonly #free: Account[] = [];
  readonly #freeDisposables: Account[] = [];
  readonly #queue: { count: number; resolve: (accounts: Account[]) => void; reject: (error: unknown) => void }[] = [];
  readonly #disposableQueue: { resolve: (account: Account) => void; reject: (error: unknown) => void }[] = [];
  #pooledCount = 0;
  #adoptedCount = 0;
  /** Of the names that were given out some may have come to nothing. */
  #madeCount = 0;
  #nameCount = 0;
  #listed: readonly Who[] | undefined;
  #listedCount = 0;
  #doubtedSinceMs = -1;
  #failuresCount = 0;
  /** The account that is being made, while nobody could be made before. */
  #attempt: Promise<Account> | undefined;
  #placesTaken = 0;
  #disposableCount = 0;
  #extrasCount = 0;
  #isClosed = false;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Those whom the definition lists; undefined: as many as are wanted can be made. */
  get #people(): readonly Who[] | undefined {
    return (this.#listed ??= this.#options.speaker.system.accounts?.listed?.());
  }

  /** How many may be leased together. Of people who are listed some are kept for those who ask for one alone. */
  get #togetherMax(): number {
    const people = this.#people;
    if (people === undefined) return pooledMax;
    return Math.min(pooledMax, Math.max(togetherMin, people.length - aloneMax), people.length);
  }

  /** How many of the people who are listed may be had alone. */
  get #listedAloneMax(): number {
    return Math.max(0, this.#people!.length - this.#togetherMax);
  }

  /** Leases `count` accounts at once (never piecemeal: two proofs that wait for each other's would wait for ever). */
  async lease(count: number): Promise<Account[]> {
    this.#checkOpen();
    const max = this.#togetherMax;
    if (count > max) throw new HarnessError(`Cannot lease ${count} accounts: a run has ${max}`);
    const missing = count - this.#free.length;
    if (this.#queue.length === 0 && missing <= max - this.#pooledCount) return await this.#takeOrMake(count);
    return await new Promise((resolve, reject) => this.#queue.push({ count, resolve, reject }));
  }

  /** What cannot be made gives its place back, and what was made meanwhile is there for others. */
  async #takeOrMake(count: number): Promise<Account[]> {
    const free = this.#free.splice(0, count);
    const missing = count - free.length;
    this.#pooledCount += missing;
    const taken = await Promise.all(free.map((account) => this.#known(account)));
    const settled = await Promise.allSettled(Array.from({ length: missing }, () => this.#make("a", false)));
    const made = settled.filter((item) => item.status === "fulfilled").map(({ value }) => value);
    const failure = settled.find((item) => item.status === "rejected");
    if (!failure) return [...taken, ...made];
    this.#pooledCount -= missing - made.length;
    this.release([...taken, ...made]);
    throw failure.reason;
  }

  /** Leases an account whose login may be ended and whose data may be changed. */
  async leaseDisposable(): Promise<Account> {
    this.#checkOpen();
    let account = this.#freeDisposables.shift();
    const max = this.#people === undefined ? disposablesMax : this.#listedAloneMax - this.#extrasCount;
    if (account === undefined && max <= 0) throw this.#tooFewPeople();
    if (account === undefined && this.#disposableCount < max) {
      this.#disposableCount++;
      return await this.#makeDisposable();
    }
    account ??= await new Promise<Account>((resolve, reject) => this.#disposableQueue.push({ resolve, reject }));
    return await this.#fresh(account);
  }

  /** A disposable whose login is good, or another in its place. */
  async #fresh(account: Account): Promise<Account> {
    if (await this.#canGoOn(account)) return account;
    return await this.#makeDisposable();
  }

  /** Those whom a restarted target forgot are made anew. */
  async #known(account: Account): Promise<Account> {
    const isSure = Math.max(account.madeAtMs, account.checkedAtMs) > this.#doubtedSinceMs;
    account.checkedAtMs = performance.now();
    if (isSure || (await this.#canGoOn(account))) return account;
    this.#placesTaken--;
    return await this.#make("a", false);
  }

  /** Logs in again where the login is not good any more. False: in vain; nobody gets the account any more. */
  async #canGoOn(account: Account): Promise<boolean> {
    try {
      if (!(await this.#isLoggedIn(account))) await this.logInAgain(account);
      return true;
    } catch (error) {
      if (!(error instanceof TargetError || error instanceof TimeoutError)) throw error;
      account.gone = true;
      account.isInDoubt = true;
      return false;
    }
  }

  async #isLoggedIn(account: Account): Promise<boolean> {
    if (account.loggedInAtMs === 0 || account.isRenamed === true) return false;
    if (loginCookiesOf(account.rest) !== account.cookiesAtLogin) return false;
    try {
      await this.#options.speaker.check(account);
      return true;
    } catch (error) {
      if (error instanceof TargetError && error.code === "refused") return false;
      throw error;
    }
  }

  /** The target was away: whoever is leased next is asked first whether it still knows them. */
  doubtLogins(): void {
    this.#doubtedSinceMs = performance.now();
  }

  /** An account that never had a connection: for proofs about its first one. Nobody else gets it afterwards. */
  async leaseFresh(): Promise<Account> {
    // Nobody new can be had: then one whom no other proof has at the moment.
    if (this.#people !== undefined) return await this.leaseDisposable();
    return await this.#make("f", false);
  }

  /**
   * A fresh login, not within the second of the last one; `by`: instead of the definition's; `transcript`: where it and
   * all that follows is noted.
   */
  async logInAgain(
    account: Account,
    by?: (rest: RestClient) => Promise<Credential>,
    transcript?: Transcript,
  ): Promise<void> {
    if (account.loggedInAtMs !== 0) await wait(Math.max(0, account.loggedInAtMs + tokenGapMs - performance.now()));
    const client = this.#client(account.label);
    account.rest = transcript === undefined ? client : client.at({ transcript });
    await this.#logIn(account, by);
  }

  /**
   * Notes a user whom a proof is about to sign up itself, for the clean-up. Such users do not count: the proof ends
   * with `discard`.
   */
  adopt(user: Who): Account {
    this.#checkOpen();
    const label = `S${++this.#adoptedCount}`;
    this.#options.secrets.add(user.password);
    const account: Account = {
      ...user,
      label,
      id: "",
      rest: this.#client(label),
      gone: false,
      disposable: false,
      loggedInAtMs: 0,
      madeAtMs: performance.now(),
      checkedAtMs: 0,
    };
    this.accounts.push(account);
    this.onAccount(account);
    return account;
  }

  /** Deletes an adopted user. What fails is left to the clean-up. */
  async discard(account: Account): Promise<void> {
    if (account.gone || account.id === "") return;
    if (account.loggedInAtMs === 0 && account.rest.accessToken === undefined) await this.logInAgain(account);
    account.isLeaving = true;
    try {
      await this.#options.speaker.removeAccount(account);
      account.gone = this.#options.speaker.removesAccounts;
    } catch (error) {
      if (!(error instanceof TargetError && error.code === "refused")) throw error;
    }
  }

  /**
   * The run is over: nobody gets an account any more. Resolves when those under way are made, so that the clean-up
   * finds all that there are.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of [...this.#queue.splice(0), ...this.#disposableQueue.splice(0)])
      reject(new HarnessError("Cannot lease an account: the run is over"));
    await Promise.allSettled(this.#underWay);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new HarnessError("Cannot lease an account: the run is over");
  }

  release(accounts: readonly Account[]): void {
    for (const account of accounts) {
      if (account.label.startsWith("F")) continue;
      if (account.gone) {
        if (account.disposable) this.#replaceDisposable();
        else this.#pooledCount--;
      } else if (account.disposable) {
        const next = this.#disposableQueue.shift();
        if (next === undefined) this.#freeDisposables.push(account);
        else next.resolve(account);
      } else this.#free.push(account);
    }
    while (
      this.#queue.length > 0 &&
      this.#queue[0]!.count - this.#free.length <= this.#togetherMax - this.#pooledCount
    ) {
      const { count, resolve, reject } = this.#queue.shift()!;
      this.#takeOrMake(count).then(resolve, reject);
    }
  }

  async #makeDisposable(): Promise<Account> {
    try {
      return await this.#make("d", true);
    } catch (error) {
      this.#replaceDisposable();
      throw error;
    }
  }

  /** One is gone for good: who waits for any gets a new one. */
  #replaceDisposable(): void {
    this.#disposableCount--;
    const next = this.#disposableQueue.shift();
    if (next === undefined) return;
    this.#disposableCount++;
    this.#makeDisposable().then(next.resolve, next.reject);
  }

  /** An account outside the pools (the channel manager). */
  async extra(prefix: string): Promise<Account> {
    this.#extrasCount++;
    return await this.#make(prefix, false);
  }

  /** Ten characters at most, of small letters and digits: servers that allow no more are common. */
  nextName(): string {
    return `${this.#options.run}${(this.#nameCount++).toString(36)}`;
  }

  /** Of those whom the definition lists one after the other, or somebody new. */
  #nextWho(): Who {
    const listed = this.#people;
    if (listed === undefined) {
      const username = this.nextName();
      return { username, email: `${username}@rollcall.example`, password: newPassword() };
    }
    const next = listed[this.#listedCount++];
    if (next !== undefined) return next;
    throw this.#tooFewPeople();
  }

  #tooFewPeople(): HarnessError {
    return new HarnessError(
      `Cannot make an account: the definition lists ${this.#people!.length} (accounts.listed), and a run needs ${togetherMin + aloneMax}`,
    );
  }

  #client(label: string): RestClient {
    const { baseUrl, network, secrets, speaker } = this.#options;
    return speaker.client({ baseUrl, network, transcript: new Transcript(secrets, 50), label });
  }

  #reserve(prefix: string, disposable: boolean, old?: Who): Account {
    this.#checkOpen();
    if (this.#placesTaken >= accountsMax)
      throw new HarnessError(`Cannot make an account: this run has ${accountsMax} already`);
    this.#placesTaken++;
    const number = ++this.#madeCount;
    const label = `${prefix.toUpperCase()}${number}`;
    const who = old ?? this.#nextWho();
    this.#options.secrets.add(who.password);
    const account: Account = {
      ...who,
      label,
      id: "",
      rest: this.#client(label),
      gone: false,
      disposable,
      loggedInAtMs: 0,
      madeAtMs: performance.now(),
      checkedAtMs: 0,
      isOld: old !== undefined,
    };
    this.accounts.push(account);
    this.onAccount(account);
    return account;
  }

  /** A target that lets nobody in is not filled with accounts: after some failures only one at a time is tried. */
  async #make(prefix: string, disposable: boolean): Promise<Account> {
    while (this.#failuresCount >= failuresMax && this.#attempt !== undefined) await this.#attempt;
    const attempt = this.#makeNow(prefix, disposable);
    this.#attempt ??= attempt;
    try {
      const account = await attempt;
      this.#failuresCount = 0;
      return account;
    } catch (error) {
      if (error instanceof TargetError || error instanceof TimeoutError) this.#failuresCount += 1;
      throw error;
    } finally {
      if (this.#attempt === attempt) this.#attempt = undefined;
    }
  }

  async #makeNow(prefix: string, disposable: boolean): Promise<Account> {
    const account = this.#reserve(prefix, disposable, this.#options.book?.take());
    const signUp = account.isOld === true ? Promise.resolve() : this.#signUp(account);
    this.#underWay.add(signUp);
    try {
      await signUp;
      await this.#logIn(account);
    } catch (error) {
      // Another account may have its place; whether this one is there after all, the clean-up finds out by its name.
      this.#placesTaken--;
      // The target may have been emptied since the earlier run.
      if (account.isOld !== true || !(error instanceof TargetError)) throw error;
      account.gone = true;
      this.#options.book?.drop(account);
      return await this.#makeNow(prefix, disposable);
    } finally {
      this.#underWay.delete(signUp);
    }
    return account;
  }

  async #signUp(account: Account): Promise<void> {
    await inStep("sign up", () => this.#options.speaker.signUp(account));
    this.#options.book?.note(account);
  }

  #logIn(account: Account, by?: (rest: RestClient) => Promise<Credential>): Promise<void> {
    return inStep("log in", async () => {
      const { speaker, secrets } = this.#options;
      const secret = by === undefined ? await speaker.logIn(account) : speaker.accept(account, await by(account.rest));
      if (secret !== undefined) secrets.add(secret);
      account.loggedInAtMs = performance.now();
      account.isRenamed = false;
      account.cookiesAtLogin = loginCookiesOf(account.rest);
    });
  }
}

/** Those that a page cannot read: a refresh token, a session. A CSRF token is none of them, and changes at any time. */
const loginCookiesOf = ({ jar }: RestClient): string =>
  [...jar.cookies.values()]
    .filter(({ httpOnly }) => httpOnly === true)
    .map(({ name, value }) => `${name}=${value}`)
    .toSorted()
    .join("; ");
