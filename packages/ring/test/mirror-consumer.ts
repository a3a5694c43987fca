/**
 * A consumer thread in the order of operations of `packages/runtime/src/deliver` (consumer, dispatcher, parked deliveries, recovery), over
 * the shipped ring, ledger, bay and doorbell, without topics, codecs and promises: a parked delivery settles when the test says so.
 * The supervisor's part mirrors `packages/runtime/src/coordinator/charge-death.ts`.
 *
 * A record's body: word 0 its id (also its sequence), word 1 its key (0 for none), then a pattern that shows tearing.
 */
import { LIMITS } from '@ringmain/core';
import { DRAINED, RoomWanted, SlotWord, ThreadWord, creditUnits } from '@ringmain/ring';
import type * as ringModule from '@ringmain/ring';
import type {
  AtomicsPort,
  Bay,
  CreditWindow,
  DeliveryLedger,
  Doorbell,
  Resumption,
  RingConsumer,
  RingWords,
  Slot,
} from '@ringmain/ring';

/** The package under test; mutants of it have the same exports. */
export type RingModule = typeof ringModule;

/** A subscriber group. */
export interface MirrorGroup {
  /** True when this delivery's handler returns a promise. */
  readonly isAsync: (id: number, attempt: number) => boolean;
  /** Words of its counters. */
  readonly delivered: number;
  readonly deadLettered: number;
}

/** A lane as its consumer sees it. */
export interface MirrorLane extends RingWords {
  /** Word by which its producer asks for room. */
  readonly roomWanted: number;
  /** Word of its producer's bell. */
  readonly producerBell: number;
  /** First of the link's credit words. */
  readonly credit: number;
}

/** Wrong orders of operations, each of which must be caught. */
export type MirrorFault =
  | 'progress before delivery'
  | 'step before slot'
  | 'no look into the bay'
  | 'chains forgotten'
  | 'charge forgotten'
  | 'credit kept back';

/** What a consumer works with. */
export interface MirrorParts {
  readonly fault?: MirrorFault | undefined;
  readonly ring: RingModule;
  readonly atomics: AtomicsPort;
  readonly control: Int32Array;
  /** First word of the thread block. */
  readonly thread: number;
  readonly lanes: readonly MirrorLane[];
  readonly slots: Int32Array;
  readonly bodies: Int32Array;
  readonly groups: readonly MirrorGroup[];
  /** Units that each group may have outstanding. */
  readonly share: number;
  /** A handler was called; sees the words of the body. */
  readonly handle: (group: number, id: number, attempt: number, words: Int32Array, index: number) => void;
}

interface Lane {
  readonly number: number;
  readonly ring: RingConsumer;
  readonly roomWanted: number;
  readonly bell: Doorbell;
  readonly window: CreditWindow;
}

/** One generation of a consumer thread; constructing it takes over. */
export class MirrorConsumer {
  /** Deliveries whose promise is open, oldest first. */
  readonly running: Slot[] = [];
  readonly bay: Bay;

  private readonly parts: MirrorParts;
  private readonly lanes: readonly Lane[];
  private readonly ledger: DeliveryLedger;
  private readonly chains: Map<number, Slot[]>[];
  private resumption: Resumption | undefined;
  private suspects: Slot[] = [];
  private held: Slot[] = [];
  private solo: Slot | undefined;
  private recovering = true;

  constructor(parts: MirrorParts) {
    const { ring, atomics, control, groups } = parts;
    this.parts = parts;
    this.chains = groups.map(() => new Map<number, Slot[]>());
    const pool = { free: parts.share * groups.length * parts.lanes.length };
    this.lanes = parts.lanes.map((lane, number) => ({
      number,
      ring: new ring.RingConsumer(atomics, lane),
      roomWanted: lane.roomWanted,
      bell: new ring.Doorbell(atomics, control, lane.producerBell),
      window: new ring.CreditWindow({
        atomics,
        control,
        base: lane.credit,
        groups: groups.length,
        shareDefault: parts.share,
        pool,
      }),
    }));
    this.bay = new ring.Bay(parts.slots, parts.bodies);
    this.ledger = new ring.DeliveryLedger(control, parts.thread, control);
    this.resumption = this.ledger.resume((lane) => this.lanes[lane]?.ring.position ?? Number.NaN);
    const live = this.bay.recover(control);
    this.skipParkedStep();
    for (const slot of live) this.take(slot);
    this.ledger.setSolo(-1);
    for (const lane of this.lanes) lane.bell.rouse();
    for (const lane of this.lanes) this.grant(lane);
  }

  /** One pass: what recovery left, then every lane; false when it must wait for a delivery to settle. */
  drain(max = Number.POSITIVE_INFINITY): boolean {
    if (!this.recovered()) return false;
    return this.lanes.every((lane) => this.drainLane(lane, max));
  }

  /** True when nothing is left: every lane stands at the given position, and the bay is empty. */
  isDone(ends: readonly number[]): boolean {
    return this.bay.live === 0 && this.lanes.every(({ ring }, lane) => ring.position === ends[lane]);
  }

  /** The look after arming the bell. */
  hasWork(): boolean {
    return this.lanes.some(({ ring }) => ring.refresh());
  }

  /** Settles a delivery whose promise is open, by default the oldest. */
  settle(at = 0, failed = false): boolean {
    const [slot] = this.running.splice(at, 1);
    if (slot === undefined) return false;
    const next = this.finish(slot, failed);
    if (next === undefined || !this.recovering) this.start(next);
    else this.held.push(next);
    return true;
  }

  private recovered(): boolean {
    if (!this.runSuspects() || !this.resume()) return false;
    const { held } = this;
    this.held = [];
    this.recovering = false;
    for (const slot of held) this.start(slot);
    return true;
  }

  private skipParkedStep(): void {
    const { resumption } = this;
    if (this.parts.fault === 'no look into the bay') return;
    const record = this.recordOf(resumption);
    if (resumption === undefined || record === undefined) return;
    const sequence = record.lane.ring.data[record.index + 2] ?? 0;
    if (!this.bay.holds(resumption.lane, resumption.position, sequence, resumption.step)) return;
    this.resumption = { ...resumption, step: resumption.step + 1, crashes: 0 };
    this.ledger.pass(resumption.step);
  }

  private take(slot: Slot): void {
    const crashes = this.bay.word(slot, SlotWord.crashes);
    if (this.parts.fault !== 'chains forgotten' && this.queue(slot) > 1) return;
    if (crashes >= LIMITS.crashesMax) {
      const next = this.finish(slot, true);
      if (next !== undefined) this.held.push(next);
    } else if (crashes >= LIMITS.crashesMax - 1) this.suspects.push(slot);
    else this.held.push(slot);
  }

  private runSuspects(): boolean {
    for (;;) {
      if (this.solo !== undefined) {
        if (this.bay.isLive(this.solo)) return false;
        this.ledger.setSolo(-1);
        this.solo = undefined;
      }
      const suspect = this.suspects.shift();
      if (suspect === undefined) return true;
      this.solo = suspect;
      this.ledger.setSolo(suspect);
      const next = this.run(suspect);
      if (next !== undefined) this.held.push(next);
    }
  }

  private recordOf(resumption: Resumption | undefined): { readonly lane: Lane; readonly index: number } | undefined {
    const lane = this.lanes[resumption?.lane ?? -1];
    if (lane === undefined || !lane.ring.refresh()) return undefined;
    const index = lane.ring.next();
    return index === DRAINED ? undefined : { lane, index };
  }

  private resume(): boolean {
    if (this.resumption === undefined) return true;
    const record = this.recordOf(this.resumption);
    if (record !== undefined) {
      const { lane, index } = record;
      if (!this.deliver(lane, index, this.resumption.step, this.resumption.crashes)) return false;
      lane.ring.advance(index);
      this.release(lane);
    }
    this.resumption = undefined;
    return true;
  }

  private drainLane(lane: Lane, max: number): boolean {
    const { ring } = lane;
    if (!ring.refresh()) return true;
    try {
      for (let count = 0; count < max; count++) {
        const index = ring.next();
        if (index === DRAINED) return true;
        if (this.parts.fault === 'progress before delivery') ring.advance(index);
        if (!this.deliver(lane, index, 0, 0)) return false;
        if (this.parts.fault !== 'progress before delivery') ring.advance(index);
      }
      return true;
    } finally {
      this.release(lane);
    }
  }

  private release(lane: Lane): void {
    if (!lane.ring.release()) return;
    this.grant(lane);
    if (lane.ring.backlogBytes * 2 > lane.ring.capacityBytes) return;
    if ((this.wanted(lane) & RoomWanted.lane) !== 0) lane.bell.ring();
  }

  private grant(lane: Lane): void {
    if (!lane.window.grant() || (this.wanted(lane) & RoomWanted.credit) === 0) return;
    if (lane.window.crossed()) lane.bell.ring();
  }

  private wanted(lane: Lane): number {
    return this.parts.atomics.load(this.parts.control, lane.roomWanted);
  }

  private deliver(lane: Lane, index: number, firstStep: number, crashes: number): boolean {
    const { bay, ledger } = this;
    const { groups } = this.parts;
    const bytes = lane.ring.data[index] ?? 0;
    if (firstStep === 0 && bay.live !== 0 && !bay.canPark(bytes, groups.length)) return false;
    if (firstStep === 0) ledger.open(lane.number, lane.ring.position);
    else ledger.reopen(lane.number, lane.ring.position, firstStep);
    for (let step = firstStep; step < groups.length; step++) this.step(lane, index, step, step === firstStep ? crashes : 0);
    return true;
  }

  private step(lane: Lane, index: number, step: number, crashes: number): void {
    const { data } = lane.ring;
    const group = this.group(step);
    const credit = lane.window.returned + step;
    const units = creditUnits(data[index] ?? 0);
    if (crashes >= LIMITS.crashesMax) return this.ledger.settle(step, group.deadLettered, credit, units);
    const id = data[index + 2] ?? 0;
    const key = data[index + 3] ?? 0;
    if (key !== 0 && this.chainsOf(step).has(key)) {
      this.queue(this.park(lane, index, step, 0, crashes));
      return this.ledger.pass(step);
    }
    this.parts.handle(step, id, crashes + 1, data, index + 2);
    if (!group.isAsync(id, crashes + 1)) return this.ledger.settle(step, group.delivered, credit, units);
    if (this.parts.fault === 'step before slot') this.ledger.pass(step);
    const slot = this.park(lane, index, step, crashes + 1, crashes);
    this.ledger.pass(step);
    this.queue(slot);
    this.running.push(slot);
  }

  private park(lane: Lane, index: number, step: number, attempt: number, crashes: number): Slot {
    const { data, position } = lane.ring;
    const sequenceLow = data[index + 2] ?? 0;
    const keyHash = data[index + 3] ?? 0;
    const parking = { lane: lane.number, position, sequenceLow, sequenceHigh: 0, step, keyHash, attempt, crashes };
    return this.bay.park(parking, data, index + 2, data[index] ?? 0, attempt > 0);
  }

  /** Puts a slot at the end of its chain; returns how many stand there, 1 for a slot without a key. */
  private queue(slot: Slot): number {
    const key = this.bay.word(slot, SlotWord.keyHash);
    if (key === 0) return 1;
    const chains = this.chainsOf(this.bay.word(slot, SlotWord.step));
    const chain = chains.get(key) ?? [];
    chains.set(key, chain);
    return chain.push(slot);
  }

  private start(slot: Slot | undefined): void {
    let next = slot;
    while (next !== undefined) next = this.run(next);
  }

  /** Runs a waiting slot; returns the next of its chain if it settled at once. */
  private run(slot: Slot): Slot | undefined {
    const { bay, parts } = this;
    const attempt = bay.start(slot);
    const index = bay.bodyOffset(slot) >> 2;
    const id = parts.bodies[index] ?? 0;
    const step = bay.word(slot, SlotWord.step);
    parts.handle(step, id, attempt, parts.bodies, index);
    if (!this.group(step).isAsync(id, attempt)) return this.finish(slot, false);
    this.running.push(slot);
    return undefined;
  }

  private finish(slot: Slot, failed: boolean): Slot | undefined {
    const { bay, parts } = this;
    const key = bay.word(slot, SlotWord.keyHash);
    const step = bay.word(slot, SlotWord.step);
    const group = this.group(step);
    const lane = this.lanes[bay.word(slot, SlotWord.lane)];
    if (lane === undefined) throw new Error('a slot of no lane');
    bay.settle(slot, parts.control, failed ? group.deadLettered : group.delivered, lane.window.returned + step);
    if (this.parts.fault !== 'credit kept back') this.grant(lane);
    const chain = this.chainsOf(step).get(key);
    if (key === 0 || chain === undefined || chain[0] !== slot) return undefined;
    chain.shift();
    if (chain.length === 0) this.chainsOf(step).delete(key);
    return chain[0];
  }

  private group(step: number): MirrorGroup {
    const group = this.parts.groups[step];
    if (group === undefined) throw new Error(`no group ${step}`);
    return group;
  }

  private chainsOf(step: number): Map<number, Slot[]> {
    const chains = this.chains[step];
    if (chains === undefined) throw new Error(`no group ${step}`);
    return chains;
  }
}

/** Charges the death of a consumer, from shared words alone. */
export function superviseDeath(parts: Pick<MirrorParts, 'ring' | 'atomics' | 'control' | 'thread' | 'slots' | 'lanes'>): void {
  const { ring, atomics, control, thread, slots, lanes } = parts;
  const ledger = new ring.DeliveryLedger(control, thread, control);
  if (!ledger.charge((lane) => control[lanes[lane]?.progressIndex ?? -1] ?? Number.NaN)) ring.chargeBay(slots, ledger.solo);
  atomics.store(control, thread + ThreadWord.bell, 0);
}
