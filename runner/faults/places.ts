// Where do clients connect? Each at its own place first; when that does not answer, at the others in turn, as a client
// behind DNS or with a list does.

import type { Place } from "../../checkers/history.ts";
import type { Target } from "../../systems/target.ts";

export class Places {
  readonly #urls: ReadonlyMap<Place, string>;

  constructor(target: Target) {
    this.#urls = new Map([
      ...target.instances.map((url, index): [Place, string] => [`server-${index + 1}`, url]),
      ...(target.proxy === undefined ? [] : [["proxy", target.proxy] as [Place, string]]),
    ]);
  }

  get all(): Place[] {
    return [...this.#urls.keys()];
  }

  /** The instance, or the only one there is. */
  instance(index: number): Place {
    const instances = this.all.filter((place) => place !== "proxy");
    return instances[index % instances.length]!;
  }

  /** The proxy, or an instance where there is none. */
  get proxy(): Place {
    return this.#urls.has("proxy") ? "proxy" : this.instance(0);
  }

  url(place: Place): string {
    return this.#urls.get(place)!;
  }

  /** Where to go after so many failures in a row: twice to one's own place, then to each other one. */
  after(own: Place, failures: number): Place {
    if (failures < 2) return own;
    const list = [own, ...this.all.filter((place) => place !== own)];
    return list[(failures - 1) % list.length]!;
  }
}
