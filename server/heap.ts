// How large may the process become between two garbage collections? V8 by itself lets the young generation grow to
// 128 MiB and the old one to four times what lives, as long as there is memory: a flood of short requests then costs
// 150 MiB of garbage, though it leaves nothing behind. Whoever starts the server passes these flags to Node, and the
// launcher of the command does the same for itself: a target may flood a verifier, too.

export const heapFlags = [
  // Two of 8 MiB each: the young generation. It costs some 4 % more time in a loop that does nothing but make garbage.
  "--max-semi-space-size=8",
  // The next full collection begins when the heap has grown by half.
  "--heap-growing-percent=50",
] as const;
