// In which line of a JSON text does the value at a path stand? For texts that JSON.parse takes.

/** The line of the deepest part of the path that is there, from 1; undefined: not even the first one is. */
export function lineOf(text: string, path: readonly (string | number)[]): number | undefined {
  let at = skipSpace(text, 0);
  let found: number | undefined;
  for (const part of path) {
    const next = childAt(text, at, part);
    if (next === undefined) break;
    at = next;
    found = at;
  }
  return found === undefined ? undefined : text.slice(0, found).split("\n").length;
}

const skipSpace = (text: string, from: number): number => {
  let at = from;
  while (/[\s,:]/.test(text[at] ?? "")) at++;
  return at;
};

/** Where the value of a name, or of an index, begins in the object or array that begins here. */
function childAt(text: string, from: number, part: string | number): number | undefined {
  const open = text[from];
  if (open !== "{" && open !== "[") return undefined;
  let at = skipSpace(text, from + 1);
  for (let index = 0; at < text.length && text[at] !== "}" && text[at] !== "]"; index++) {
    let name: string | number = index;
    if (open === "{") {
      const end = endOf(text, at);
      name = JSON.parse(text.slice(at, end)) as string;
      at = skipSpace(text, end);
    }
    if (String(name) === String(part)) return at;
    at = skipSpace(text, endOf(text, at));
  }
  return undefined;
}

/** Behind the value that begins here. */
function endOf(text: string, from: number): number {
  if (text[from] === '"') {
    let at = from + 1;
    while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    return at + 1;
  }
  if (text[from] !== "{" && text[from] !== "[") return from + /^[^\s,\]}]*/.exec(text.slice(from))![0].length;
  let at = skipSpace(text, from + 1);
  while (at < text.length && text[at] !== "}" && text[at] !== "]") at = skipSpace(text, endOf(text, at));
  return at + 1;
}
