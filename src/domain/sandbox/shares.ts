/** What a provider's machine has for the sandboxes of a run. Processors are lent by time and need no sharing out; memory does. */
export interface Room {
  /** Mebibytes that all of them together get when nobody asks for a size. */
  readonly memoryMib: number;
  /** Mebibytes that are free at all: whoever asks for a size may come near it. */
  readonly freeMib: number;
  /** Mebibytes that one gets when nobody asks for a size and there is room. */
  readonly usualMib: number;
}

/** A second sandbox with less would be of no use: it waits until the first has ended. */
export const LEAST_SECOND_MIB = 1024;

export interface Shares {
  /** Mebibytes of each sandbox; 0: the provider's default. */
  readonly memoryMib: number;
  /** How many may stand at a time. */
  readonly together: 1 | 2;
}

/**
 * Shares out a machine's memory to the sandboxes of one run, of which at most two stand at a time.
 * @param askedMib what the workflow asks for each; 0: the default
 * @param room undefined: the sandboxes take nothing from each other, as in a cloud
 */
export function shareOut(askedMib: number, room: Room | undefined): Shares {
  if (room === undefined) return { memoryMib: askedMib, together: 2 };
  if (askedMib > 0) return { memoryMib: askedMib, together: 2 * askedMib <= room.freeMib ? 2 : 1 };
  const half = Math.floor(room.memoryMib / 2);
  if (half < LEAST_SECOND_MIB) return { memoryMib: Math.min(room.usualMib, room.memoryMib), together: 1 };
  return { memoryMib: Math.min(room.usualMib, half), together: 2 };
}
