// Which of the stacks on this machine does `stack down` remove? Others' are theirs: without a name it is those that
// this working folder is responsible for, the one that it left running and what its killed runs left behind.

import type { FoundStack } from "../../targets/compose/leftovers.ts";

export interface Choice {
  remove: FoundStack[];
  /** Asked for, but the process that brought it up still lives. */
  inUse: FoundStack[];
  /** Only after a yes. */
  ask: FoundStack[];
}

export interface ChoiceOptions {
  /** Only these. */
  names: readonly string[];
  /** Every stack, whoever brought it up. */
  all: boolean;
  /** Those that are in use, too. */
  force: boolean;
  /** The working folder. */
  folder: string;
}

export function chooseStacks(found: readonly FoundStack[], { names, all, force, folder }: ChoiceOptions): Choice {
  const free = (stack: FoundStack): boolean => force || !stack.ownerAlive;
  if (names.length > 0 || all) {
    const wanted = found.filter(({ project }) => names.length === 0 || names.includes(project));
    return { remove: wanted.filter(free), inUse: wanted.filter((stack) => !free(stack)), ask: [] };
  }
  const own = found.filter((stack) => stack.folder === folder && free(stack));
  const leftRunning = own.filter(({ ownerPid }) => ownerPid === undefined);
  const leftBehind = own.filter(({ ownerPid }) => ownerPid !== undefined);
  // Of several that were left running, one may still be wanted.
  if (leftRunning.length > 1) return { remove: leftBehind, inUse: [], ask: leftRunning };
  if (own.length > 0) return { remove: own, inUse: [], ask: [] };
  return { remove: [], inUse: [], ask: found.filter((stack) => stack.folder !== folder && free(stack)) };
}
