import {
  atomic,
  type Expr,
  type FunctionBuilder,
  type FunctionRef,
  f64,
  i32,
  i64,
  load,
  type ModuleBuilder,
  op,
  type Signature,
  select,
} from "../assemble/index.ts";
import {
  BARRIER_AFTER,
  CLAIM_SHIFT,
  CLAIMED,
  Command,
  END_OF_LIST,
  FAILED,
  MAIN_ONLY,
  MAIN_SLEEPS,
  Mailbox,
  Meeting,
  RECORD_BYTES,
  ROSTER,
  SERIAL,
} from "./layout.ts";

/** (list, workers on the roster, may the main thread sleep) -> Outcome. For the main thread. */
export const RUN_TOGETHER = "machine.runTogether";
/** (workers on the roster, may sleep, start of the run, milliseconds without progress) -> 1 if some worker did not finish. */
export const JOIN = "machine.join";
/** (mailbox, number of the last letter) -> number of a letter that is about modules. For workers. */
export const SERVE = "machine.serve";
/** () -> milliseconds; imported. */
export const CLOCK = "machine.clock";

/** What became of a run on several threads. */
export const Outcome = { done: 0, failed: 1, late: 2 } as const;

/**
 * Milliseconds that a worker spins for the next run before it sleeps: while it spins, a run that does nothing takes 0.2 us,
 * with a worker that sleeps 20 to 30 us (Node 24, two cores). Between two plans of a training loop lie 5 to 50 us of
 * JavaScript.
 */
const SPIN_FOR_RUN_MS = 0.08;
/**
 * The same inside of a run, where a barrier takes 0.1 us when everybody is on time. It must be longer than a thread takes to
 * wake: with 0.04 the main thread fell asleep at times while a worker woke, and the run took 90 us. And not much longer:
 * where threads outnumber processors, who spins keeps a processor from whom it waits for (a barrier of 4 threads on two
 * cores takes 0.2 ms with 0.04, 0.7 with 0.08).
 */
const SPIN_IN_RUN_MS = 0.06;
/** Looks at the word between two looks at the clock; about 2 us. */
const LOOKS = 4096;
/** Looks at the clock before it is believed to stand: browsers round it, some to whole milliseconds. */
const MOST_ROUNDS = 100;
/** Sleeping threads look after that time whether the run has failed. */
const NAP_NS = 20_000_000n;
/**
 * No more than that counts of the time between two looks at the clock: a process that was stopped, or a laptop that was
 * closed, has not waited all that time.
 */
const MOST_MS_AT_ONCE = 50;
/** A thread may take that much longer than the main thread's own share took. */
const UNEVEN = 8;

/** Adds the functions by which several threads run one list. */
export function addTeam(module: ModuleBuilder, kernel: Signature): void {
  const clock = module.importFunction(CLOCK, { params: [], results: ["f64"] });
  const internal = { exported: false };
  const spin = module.function(
    "spin",
    { params: ["i32", "i32", "f64"], results: ["i32"] },
    (f) => spinWhile(f, clock),
    internal,
  );
  const linger = module.function(
    "linger",
    { params: ["i32", "i32", "i32", "i32"], results: ["i32"] },
    (f) => lingerWhile(f, spin),
    internal,
  );
  const barrier = module.function(
    "barrier",
    { params: ["i32", "i32", "i32", "i32", "f64"], results: ["i32"] },
    (f) => meet(f, { linger, clock }),
    internal,
  );
  const walk = module.function(
    "walk",
    { params: ["i32", "i32", "i32", "i32", "f64"], results: ["i32"] },
    (f) => walkShare(f, kernel, barrier),
    internal,
  );
  const join = module.function(JOIN, { params: ["i32", "i32", "f64", "f64"], results: ["i32"] }, (f) =>
    joinAll(f, { linger, clock }),
  );
  module.function(RUN_TOGETHER, { params: ["i32", "i32", "i32", "i32"], results: ["i32"] }, (f) =>
    runTogether(f, { walk, join, clock }),
  );
  module.function(SERVE, { params: ["i32", "i32"], results: ["i32"] }, (f) => serve(f, { spin, walk }));
}

const word = (address: number | Expr, offset = 0): Expr =>
  load("i32.atomic.load", typeof address === "number" ? i32(address) : address, offset);
const plus = (a: Expr, b: number): Expr => op("i32.add", a, i32(b));

/** (address, old, milliseconds): the word there, as soon as it is not `old`, or after that time. */
function spinWhile(f: FunctionBuilder, clock: FunctionRef): void {
  const [address, old, limit] = f.params;
  const value = f.local("i32");
  const left = f.local("i32");
  const rounds = f.let(i32(MOST_ROUNDS));
  const start = f.let(f64(-1));
  const now = f.local("f64");
  f.loop((again) => {
    f.set(left, i32(LOOKS));
    f.loop((look) => {
      f.set(value, word(address));
      f.if(op("i32.ne", value, old), () => f.return(value));
      f.add(left, i32(-1));
      f.branchIf(look, left);
    });
    // Calling out costs 30 ns, and only those pay who have waited for a while already.
    f.set(now, f.callFor(clock));
    f.if(op("f64.lt", start, f64(0)), () => f.set(start, now));
    f.add(rounds, i32(-1));
    const early = op("f64.lt", op("f64.sub", now, start), limit);
    f.branchIf(again, op("i32.and", early, op("i32.ne", rounds, i32(0))));
  });
  f.result(old);
}

/** (address, old, address of the count of sleepers, may sleep): as spin, then sleeps a little too. */
function lingerWhile(f: FunctionBuilder, spin: FunctionRef): void {
  const [address, old, sleepers, maySleep] = f.params;
  const value = f.let(f.callFor(spin, address, old, f64(SPIN_IN_RUN_MS)));
  const asleep = op("i32.and", op("i32.eq", value, old), maySleep);
  f.if(asleep, () => {
    // Whoever changes the word looks at the sleepers afterwards; whoever sleeps counts first and looks at the word
    // afterwards (wait32 does). So one of the two sees the other.
    f.drop(atomic("i32.atomic.rmw.add", sleepers, i32(1)));
    f.drop(atomic("memory.atomic.wait32", address, old, i64(NAP_NS)));
    f.drop(atomic("i32.atomic.rmw.sub", sleepers, i32(1)));
    f.set(value, word(address));
  });
  f.result(value);
}

interface Waiting {
  readonly linger: FunctionRef;
  readonly clock: FunctionRef;
}

const limitOfRuns = (): Expr => load("f64.load", i32(0), Command.limit);

/**
 * Adds up the time of a thread that waits; `tick` is called after each round of it. `isPatient` compares with the limit, and
 * with the time from the start of the run until the waiting began: its own share.
 */
function stopwatch(f: FunctionBuilder, clock: FunctionRef) {
  const waited = f.let(f64(0));
  const first = f.let(f64(-1));
  const last = f.local("f64");
  const now = f.local("f64");
  return {
    tick(): void {
      f.set(now, f.callFor(clock));
      f.if(
        op("f64.lt", first, f64(0)),
        () => f.set(first, now),
        () => {
          const step = op("f64.min", op("f64.sub", now, last), f64(MOST_MS_AT_ONCE));
          f.set(waited, op("f64.add", waited, step));
        },
      );
      f.set(last, now);
    },
    isPatient(limit: Expr, start: Expr): Expr {
      const own = op("f64.mul", f64(UNEVEN), op("f64.sub", first, start));
      return op("f64.lt", waited, op("f64.add", limit, own));
    },
  };
}

/**
 * (arrivals to wait for, number of the run, meeting, may sleep, start of the run or -1) -> Outcome. The count of arrivals only
 * rises during a run, so a thread that is late sees at least what it waits for.
 */
function meet(f: FunctionBuilder, { linger, clock }: Waiting): void {
  const [target, number, meeting, maySleep, start] = f.params;
  const sleepers = plus(meeting, Meeting.sleepers);
  const seen = f.let(plus(atomic("i32.atomic.rmw.add", meeting, i32(1)), 1));
  f.if(op("i32.eq", seen, target), () => {
    f.if(word(meeting, Meeting.sleepers), () => f.drop(atomic("memory.atomic.notify", meeting, i32(-1))));
    f.return(i32(Outcome.done));
  });
  const before = f.local("i32");
  const watch = stopwatch(f, clock);
  f.loop((again) => {
    f.set(before, seen);
    f.set(seen, f.callFor(linger, meeting, seen, sleepers, maySleep));
    f.if(op("i32.ge_u", seen, target), () => f.return(i32(Outcome.done)));
    f.branchIf(again, op("i32.ne", seen, before));
    f.if(op("i32.eq", word(FAILED), number), () => f.return(i32(Outcome.failed)));
    // Only the main thread keeps time; the others leave when it says that the run has failed.
    f.branchIf(again, op("f64.lt", start, f64(0)));
    watch.tick();
    f.branchIf(again, watch.isPatient(limitOfRuns(), start));
  });
  f.store("i32.atomic.store", i32(FAILED), number);
  f.result(i32(Outcome.late));
}

/**
 * (rank, number of the run, scratch, may sleep, start of the run or -1) -> Outcome. Of U units the thread of rank t does
 * those from floor(U*t/T) on; computed in 64 bits, since U*T may exceed 32. What it claims are those first, which lie in its
 * processor's cache more often than others, then what is left of the others'. Threads that were slowed down by programs on the
 * same processors held up a step of 784-512-512-10 for 5.4 ms, which takes 4.4 so; without their own shares first, one of
 * 784-128-64-10 took 216 us instead of 191.
 */
function walkShare(f: FunctionBuilder, kernel: Signature, barrier: FunctionRef): void {
  const [rank, number, scratch, maySleep, start] = f.params;
  const list = f.let(load("i32.load", i32(0), Command.list));
  const threads = f.let(load("i32.load", i32(0), Command.threads));
  const meeting = f.let(load("i32.load", i32(0), Command.meeting));
  const target = f.local("i32");
  const index = f.local("i32");
  const units = f.local("i64");
  const lo = f.local("i32");
  const hi = f.local("i32");
  const flags = f.local("i32");
  const outcome = f.local("i32");
  const [claims, otherClaims, victim, end, step] = Array.from({ length: 5 }, () => f.local("i32"));
  f.set(claims, plus(meeting, Meeting.claims));
  f.set(otherClaims, plus(meeting, Meeting.claims + Meeting.turnBytes));
  const isMain = (): Expr => op("i32.eq", plus(rank, 1), threads);
  const call = (): void => f.callIndirect(kernel, index, load("i32.load", list, 4), lo, hi, scratch);
  const wide = (value: Expr): Expr => op("i64.extend_i32_u", value);
  const bound = (of: Expr): Expr =>
    op("i32.wrap_i64", op("i64.div_u", op("i64.mul", units, wide(of)), wide(threads)));
  const counterIn = (row: Expr, of: Expr): Expr =>
    op("i32.add", row, op("i32.mul", of, i32(Meeting.claimBytes)));
  const claimAll = (): void => {
    // Nobody is in an earlier instruction any more: its counters are free for the next one.
    f.store("i32.atomic.store", counterIn(otherClaims, rank), i32(0));
    f.set(step, op("i32.shr_u", flags, i32(CLAIM_SHIFT)));
    f.set(victim, rank);
    f.doWhile(
      () => {
        f.set(end, bound(plus(victim, 1)));
        f.loop((next) => {
          f.set(lo, atomic("i32.atomic.rmw.add", counterIn(claims, victim), step));
          f.add(lo, bound(victim));
          f.if(op("i32.lt_u", lo, end), () => {
            f.set(hi, op("i32.add", lo, step));
            f.if(op("i32.gt_u", hi, end), () => f.set(hi, end));
            call();
            f.branch(next);
          });
        });
        f.add(victim, i32(1));
        f.if(op("i32.eq", victim, threads), () => f.set(victim, i32(0)));
      },
      () => op("i32.ne", victim, rank),
    );
    f.set(step, claims);
    f.set(claims, otherClaims);
    f.set(otherClaims, step);
    // Done already.
    f.set(hi, lo);
  };
  f.block((done) => {
    f.loop((again) => {
      f.set(index, load("i32.load", list));
      f.branchIf(done, op("i32.eq", index, i32(END_OF_LIST)));
      f.if(op("i32.lt_s", index, i32(0)), () => {
        // The main thread has the last rank.
        const goesPast = op("i32.and", op("i32.eq", index, i32(MAIN_ONLY)), isMain());
        f.if(
          goesPast,
          () => f.add(list, i32(RECORD_BYTES)),
          () => f.set(list, load("i32.load", load("i32.load", list, 4))),
        );
        f.branch(again);
      });
      f.set(units, wide(load("i32.load", list, 8)));
      f.set(flags, load("i32.load", list, 12));
      f.if(
        op("i32.and", flags, i32(SERIAL)),
        () => {
          f.set(lo, i32(0));
          f.set(hi, select(isMain(), op("i32.wrap_i64", units), i32(0)));
        },
        () =>
          f.if(op("i32.and", flags, i32(CLAIMED)), claimAll, () => {
            f.set(lo, bound(rank));
            f.set(hi, bound(plus(rank, 1)));
          }),
      );
      f.if(op("i32.ne", lo, hi), call);
      f.if(op("i32.and", flags, i32(BARRIER_AFTER)), () => {
        f.add(target, threads);
        f.set(outcome, f.callFor(barrier, target, number, meeting, maySleep, start));
        f.if(outcome, () => f.return(outcome));
      });
      f.add(list, i32(RECORD_BYTES));
      f.branch(again);
    });
  });
  f.result(i32(Outcome.done));
}

/** Waits until each worker of the roster has left the run, or for so long without that one more does. */
function joinAll(f: FunctionBuilder, { linger, clock }: Waiting): void {
  const [count, maySleep, start, limit] = f.params;
  const number = f.let(load("i32.load", i32(0), Command.number));
  const at = f.local("i32");
  const finished = f.local("i32");
  const seen = f.local("i32");
  const watch = stopwatch(f, clock);
  f.while(
    () => op("i32.lt_u", at, count),
    () => {
      f.set(finished, plus(load("i32.load", op("i32.shl", at, i32(2)), ROSTER), Mailbox.finished));
      f.block((next) => {
        f.loop((again) => {
          f.set(seen, word(finished));
          f.branchIf(next, op("i32.eq", seen, number));
          f.set(seen, f.callFor(linger, finished, seen, i32(MAIN_SLEEPS), maySleep));
          f.branchIf(next, op("i32.eq", seen, number));
          watch.tick();
          f.branchIf(again, watch.isPatient(limit, start));
        });
        f.return(i32(1));
      });
      f.add(at, i32(1));
    },
  );
  f.result(i32(0));
}

/**
 * (list, workers on the roster, scratch, may sleep) -> Outcome. The main thread has the last rank: of a single unit it is the
 * one that does it, and nobody has to wait for another processor's cache.
 */
function runTogether(
  f: FunctionBuilder,
  refs: { walk: FunctionRef; join: FunctionRef; clock: FunctionRef },
): void {
  const [list, count, scratch, maySleep] = f.params;
  const start = f.let(f.callFor(refs.clock));
  const number = f.let(plus(op("i32.or", load("i32.load", i32(0), Command.number), i32(1)), 2));
  const meeting = load("i32.load", i32(0), Command.meeting);
  f.store("i32.store", i32(0), number, Command.number);
  f.store("i32.store", i32(0), list, Command.list);
  f.store("i32.store", meeting, i32(0), Meeting.arrived);
  for (const turn of [0, 1])
    f.store("i32.store", meeting, i32(0), Meeting.claims + turn * Meeting.claimBytes);
  const at = f.local("i32");
  const box = f.local("i32");
  const counters = f.let(meeting);
  f.doWhile(
    () => {
      for (const turn of [0, 1]) {
        f.store("i32.store", counters, i32(0), Meeting.claims + turn * Meeting.turnBytes);
      }
      f.add(counters, i32(Meeting.claimBytes));
      f.add(at, i32(1));
    },
    () => op("i32.le_u", at, count),
  );
  f.set(at, i32(0));
  f.while(
    () => op("i32.lt_u", at, count),
    () => {
      f.set(box, load("i32.load", op("i32.shl", at, i32(2)), ROSTER));
      f.store("i32.atomic.store", box, number, Mailbox.mail);
      f.if(word(box, Mailbox.asleep), () => f.drop(atomic("memory.atomic.notify", box, i32(1))));
      f.add(at, i32(1));
    },
  );
  const outcome = f.let(f.callFor(refs.walk, count, number, scratch, maySleep, start));
  f.if(outcome, () => f.return(outcome));
  f.if(f.callFor(refs.join, count, maySleep, start, limitOfRuns()), () => {
    f.store("i32.atomic.store", i32(FAILED), number);
    f.return(i32(Outcome.late));
  });
  f.result(op("i32.eq", word(FAILED), number));
}

/** Runs lists as they are called for, until a letter is about something else. */
function serve(f: FunctionBuilder, { spin, walk }: { spin: FunctionRef; walk: FunctionRef }): void {
  const [box, last] = f.params;
  const mail = f.local("i32");
  const scratch = load("i32.load", box, Mailbox.scratch);
  f.loop((again) => {
    f.set(mail, f.callFor(spin, box, last, f64(SPIN_FOR_RUN_MS)));
    f.if(op("i32.eq", mail, last), () => {
      f.store("i32.atomic.store", box, i32(1), Mailbox.asleep);
      f.drop(atomic("memory.atomic.wait32", box, last, i64(-1n)));
      f.store("i32.atomic.store", box, i32(0), Mailbox.asleep);
      f.branch(again);
    });
    f.set(last, mail);
    f.if(op("i32.eqz", op("i32.and", mail, i32(1))), () => f.return(mail));
    f.drop(f.callFor(walk, load("i32.load", box, Mailbox.rank), mail, scratch, i32(1), f64(-1)));
    f.store("i32.atomic.store", box, mail, Mailbox.finished);
    f.if(word(MAIN_SLEEPS), () => {
      f.drop(atomic("memory.atomic.notify", plus(box, Mailbox.finished), i32(1)));
    });
    f.branch(again);
  });
  f.result(last);
}
