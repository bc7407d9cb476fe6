/**
 * The first page of the memory, which the threads speak through; blocks begin behind it. Addresses in bytes.
 * Address 0 is never handed out.
 */

/** Where blocks begin. */
export const HEAP_BASE = 65536;

/** Words of an instruction, and what the index of the last record is. */
export const RECORD_BYTES = 16;
export const END_OF_LIST = -1;
/** Flag of an instruction: what follows waits until all threads are done with it. */
export const BARRIER_AFTER = 1;
