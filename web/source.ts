// How does a view learn that what it shows has changed? It listens to a source, and is drawn again.

import { useEffect, useState } from "preact/hooks";

export class Source {
  readonly #listeners = new Set<() => void>();

  readonly changed = (): void => {
    for (const listener of this.#listeners) listener();
  };

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export function useSource(source: Source): void {
  const [, draw] = useState(0);
  useEffect(() => source.listen(() => draw((count) => count + 1)), [source]);
}
