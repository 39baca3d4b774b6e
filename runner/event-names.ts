// By which name does a target announce what the contract's table calls otherwise? Some write channel.created for
// channels.created; other events that hold an id of the same thing are no candidates.

/** Of names that no contract's table has, the one that is most like this; undefined: there is none. */
export function nameOf(contractName: string, names: readonly string[]): string | undefined {
  const [stem] = contractName.toLowerCase().split(/s?(?:\.|$)/, 1) as [string];
  // An event without a name is a "message".
  const others = names.filter((name) => name === "message" || name.toLowerCase().includes(stem));
  const most = Math.max(0, ...others.map((name) => likeness(contractName, name)));
  return others.find((name) => likeness(contractName, name) === most);
}

/** How many characters both begin and end with. */
function likeness(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  const shorter = Math.min(a.length, b.length);
  let begin = 0;
  while (begin < shorter && a[begin] === b[begin]) begin += 1;
  let end = 0;
  while (end < shorter - begin && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return begin + end;
}
