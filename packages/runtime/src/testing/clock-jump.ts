/**
 * Has the wall clock of a thread jump, as an operator or NTP does: `Date` of this thread goes on from another time. Its monotonic clock goes on as it was.
 * Thread: any; each has its own.
 */
const RealDate = Date;
let offsetMs = 0;

const JumpedDate = new Proxy(RealDate, {
  construct: (target, args, newTarget): object =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
  apply: () => new JumpedDate().toString(),
  get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
});

function now(): number {
  return RealDate.now() + offsetMs;
}

/** Jumps. @param ms - of either sign */
export function jumpClock(ms: number): void {
  offsetMs += ms;
  globalThis.Date = JumpedDate;
}

/** Takes all jumps of this thread back. */
export function restoreClock(): void {
  offsetMs = 0;
  globalThis.Date = RealDate;
}
