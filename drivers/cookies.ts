// Cookies as a browser keeps them: by domain, path, Secure and expiry; loopback counts as secure, as in Chromium.
// Terms: refused – a cookie that the rules throw away. It is reported, and sent nevertheless, so that one mistake does
// not turn the rest of a run red. Instances of a target are one site: behind its proxy they have one name. Source:
// RFC 6265bis.

import { Cookie, CookieJar as RuleJar } from "tough-cookie";

export interface SetCookie {
  name: string;
  value: string;
  httpOnly?: boolean;
  secure?: boolean;
  path?: string;
  maxAge?: number;
  expires?: Date | number;
}

export interface RefusedCookie {
  cookie: string;
  reason: string;
}

/** Chromium's limit for name and value together. */
const pairCharsMax = 4_096;

export class CookieJar {
  /** What browsers throw away, and why; a cookie that is set again and again is here once. */
  readonly refused: RefusedCookie[] = [];
  readonly #rules = newRuleJar();
  /** Refused ones, and those that were put in by hand; by name alone. */
  readonly #lenient = new Map<string, SetCookie>();
  /** The host for which host-only cookies are kept: that of the first answer. */
  #site: string | undefined;

  /** All cookies that have a value, whatever their path. */
  get cookies(): ReadonlyMap<string, SetCookie> {
    const kept = this.#kept().map((cookie): [string, SetCookie] => [cookie.key, setCookieOf(cookie)]);
    return new Map([...kept, ...this.#lenient].filter(([, { value }]) => value !== ""));
  }

  /** A cookie's value, whatever its path. */
  get(name: string): string | undefined {
    return this.cookies.get(name)?.value;
  }

  /** Puts a cookie in by hand: it is sent everywhere, instead of others of its name. */
  store(cookie: SetCookie): void {
    if (isExpired(cookie) || cookie.value === "") this.#lenient.delete(cookie.name);
    else this.#lenient.set(cookie.name, cookie);
  }

  /** Takes one Set-Cookie line of an answer from this URL. */
  storeLine(line: string, url: string): void {
    const cookie = Cookie.parse(line, { loose: true });
    if (cookie === undefined) return this.#refuse(line, undefined, "it is no cookie");
    const reason = refusalOf(cookie, url);
    if (reason !== undefined) return this.#refuse(line, cookie, reason);
    this.#lenient.delete(cookie.key);
    // A domain that was accepted is the site's, as no domain is: instances may have several names.
    cookie.domain = null;
    this.#rules.setCookieSync(cookie, this.#siteUrl(url));
  }

  #refuse(line: string, cookie: Cookie | undefined, reason: string): void {
    const shown = line.split(";", 1)[0]!.split("=", 1)[0]!.trim();
    const known = this.refused.some((other) => other.cookie === shown && other.reason === reason);
    if (!known) this.refused.push({ cookie: shown, reason });
    if (cookie !== undefined) this.store(setCookieOf(cookie));
  }

  /** The Cookie header for a URL or a path, or, without one, of all cookies; empty when there are none. */
  header(url?: string): string {
    const kept = url === undefined ? this.#kept() : this.#rules.getCookiesSync(this.#siteUrl(url));
    const pairs = kept.map((cookie): [string, string] => [cookie.key, cookie.value]);
    const lenient = [...this.#lenient.values()].map(({ name, value }): [string, string] => [name, value]);
    return [...pairs.filter(([name]) => !this.#lenient.has(name)), ...lenient]
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");
  }

  #kept(): Cookie[] {
    if (this.#site === undefined) return [];
    // Secure ones included.
    return this.#rules.getCookiesSync(`https://${this.#site}/`, { allPaths: true });
  }

  /** The same URL at the site's host; without a port, which cookies do not know. */
  #siteUrl(url: string): string {
    // A path alone: at the site, which counts as secure.
    if (url.startsWith("/")) return `https://${this.#site ?? "localhost"}${url}`;
    const { protocol, hostname, pathname } = new URL(url);
    this.#site ??= hostname;
    return `${protocol}//${this.#site}${pathname}`;
  }
}

const newRuleJar = (): RuleJar => new RuleJar(undefined, { prefixSecurity: "strict", looseMode: true });

/** Why a browser throws it away, or undefined. */
function refusalOf(cookie: Cookie, url: string): string | undefined {
  if (cookie.key.length + cookie.value.length > pairCharsMax)
    return `its name and value are longer than ${pairCharsMax} characters`;
  if (cookie.sameSite === "none" && !cookie.secure) return "it is SameSite=None and not Secure";
  try {
    const copy = cookie.clone();
    if (copy === undefined) return "it is no cookie";
    newRuleJar().setCookieSync(copy, url);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const isExpired = ({ maxAge, expires }: SetCookie): boolean =>
  (maxAge !== undefined && maxAge <= 0) || (expires !== undefined && Number(expires) <= Date.now());

const setCookieOf = ({ key, value, httpOnly, secure, path, maxAge, expires }: Cookie): SetCookie => ({
  name: key,
  value,
  httpOnly,
  secure,
  ...(path === null ? {} : { path }),
  ...(typeof maxAge === "number" ? { maxAge } : {}),
  ...(expires instanceof Date ? { expires } : {}),
});
