/**
 * The first page of the memory, through which the threads speak; blocks begin behind it. Addresses in bytes. What
 * different threads write lies at least 128 bytes apart, since processors fetch cache lines of 64 bytes in pairs.
 */

/** Where blocks begin. Address 0 is never handed out. */
export const HEAP_BASE = 65536;

/** Bytes of an instruction's record: [index in the table, address of the descriptor, units, flags]. */
export const RECORD_BYTES = 16;
/** The index in the record behind the last instruction. */
export const END_OF_LIST = -1;
/** The index in a record that sends threads on to the record whose address stands in the first word of its descriptor. */
export const JUMP = -2;
/** The same for all threads but the main one, which goes on behind it. */
export const MAIN_ONLY = -3;
/** Flag of an instruction: what follows waits until all threads are done with it. */
export const BARRIER_AFTER = 1;
/** Flag of an instruction that is too small to be shared: the main thread does all of it, the others go past. */
export const SERIAL = 2;
/**
 * Flag of an instruction whose units are claimed, that many at a time as the bits from `CLAIM_SHIFT` on say: each thread takes
 * those of its own share, then those that are left of others', so that who is slowed down by something else does fewer. A
 * barrier must follow, or the end of the list.
 */
export const CLAIMED = 4;
export const CLAIM_SHIFT = 8;

/** Written by the main thread before it calls the others. */
export const Command = {
  /** The instruction list. */
  list: 128,
  /** Threads that take part, the main one too. */
  threads: 132,
  /** Address of the block in which they meet at barriers, see `Meeting`. */
  meeting: 136,
  /** The number of the last letter; see `Mailbox.mail`. */
  number: 140,
  /** Milliseconds that the main thread waits for others without seeing progress, as f64. */
  limit: 144,
} as const;

/** The number of the last run that failed. Any thread writes it; waiting threads look at it. */
export const FAILED = 256;

/** How many threads sleep in `Mailbox.finished` of some worker: the main one or none. */
export const MAIN_SLEEPS = 384;

/** Addresses of the mailboxes of the workers that take part. */
export const ROSTER = 512;

/** More workers than that would wait for one another longer than they work. */
export const MOST_THREADS = 64;

/** One worker's mailbox: fields as offsets in it. */
export const Mailbox = {
  first: 1024,
  bytes: 512,
  /**
   * Number of the last letter to this worker. Odd: run the list. Even: look at the module log. Letters to one worker
   * have ever new numbers, and none is sent before a run is finished.
   */
  mail: 0,
  /** 1 while the worker sleeps, or is about to. */
  asleep: 4,
  /** Its place among the threads of a run. */
  rank: 8,
  scratch: 12,
  /** Number of the last run that the worker has left, in whichever way. */
  finished: 128,
  /** The last entry of the module log that it knows; -1 if it could not compile one. */
  generation: 132,
  /** Number of the run that `text` is about, 0 for the compilation. */
  textNumber: 136,
  textLength: 140,
  /** What went wrong, in UTF-8. */
  text: 256,
  textBytes: 256,
} as const;

/** The address of the mailbox of a worker, numbered from 0. */
export const mailboxOf = (worker: number): number => Mailbox.first + worker * Mailbox.bytes;

/** Where threads meet at barriers. A block of its own, so that a thread that was given up meets nobody any more. */
export const Meeting = {
  bytes: 256 + 2 * MOST_THREADS * 128,
  /** Arrivals since the run began. */
  arrived: 0,
  /** Threads that sleep until the others arrive. */
  sleepers: 128,
  /**
   * For each thread how many units of its share of a claimed instruction are claimed. Two rows of them in turns, so that one can
   * be set back while the other is in use.
   */
  claims: 256,
  claimBytes: 128,
  turnBytes: MOST_THREADS * 128,
} as const;

/** An entry of the module log: words, then the indices to empty, those of the exports in order, then the bytes. */
export const LogEntry = { next: 0, removed: 4, added: 8, byteLength: 12, indices: 16 } as const;
