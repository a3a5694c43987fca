/**
 * A consumer thread put together: inbox, dispatcher, bay, ledger, recovery and loop. Shards run one; the main thread runs one for its
 * own subscriptions, for answers, and (with `shards: 0`) for everything.
 * Thread: its owner only.
 */
import { recordViews } from '@ringmain/codec';
import { RingmainError } from '@ringmain/core';
import type { Slot } from '@ringmain/ring';
import {
  Bay,
  BayRun,
  DeliveryLedger,
  Doorbell,
  PartitionHandover,
  RecordKind,
  ThreadPhase,
  ThreadWord,
  bayWords,
} from '@ringmain/ring';
import type { LetterSink } from '../letters/incoming-letter.ts';
import { createOutlet } from '../letters/letter-outlet.ts';
import { receiveLetter } from '../letters/receive-letter.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { Publishing } from '../publish/publishing.ts';
import type { RoomWatch } from '../publish/room-watch.ts';
import type { SendTracker } from '../publish/send-tracker.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import { Answers, readAnswer } from './answers.ts';
import { BreakerGates } from './breaker-gates.ts';
import { Bulkheads } from './bulkheads.ts';
import { Continuations } from './continuations.ts';
import type { DeliveryScope } from './delivery-scope.ts';
import { STALLED, Dispatcher } from './dispatcher.ts';
import { FailureLog } from './failure-log.ts';
import type { Group } from './group.ts';
import { GroupShares } from './group-shares.ts';
import { HandlerBatches } from './handler-batches.ts';
import type { InLane } from './in-link.ts';
import { Inbox } from './inbox.ts';
import { LatestDeliveries } from './latest-deliveries.ts';
import { ParkedDeliveries } from './parked-deliveries.ts';
import { Recovery } from './recovery.ts';
import { Retries } from './retries.ts';
import { RunningAttempts } from './running-attempts.ts';
import { Subscriptions } from './subscriptions.ts';
import { Suspects } from './suspects.ts';
import type { LoopOptions, LoopWork } from './thread-loop.ts';
import { ThreadLoop } from './thread-loop.ts';

/** The consuming side of one thread. */
export class Consumer implements LoopWork {
  readonly subscriptions: Subscriptions;
  readonly scope: DeliveryScope;

  private readonly context: ThreadContext;
  /** Waits for room of this thread's producers. */
  private readonly rooms: readonly RoomWatch[];
  /** What this thread publishes with; with `shards: 0` its handlers have a publisher of their own. */
  private readonly publishers: readonly Publisher[];
  private readonly handover: PartitionHandover;
  private readonly inbox: Inbox;
  private readonly bay: Bay;
  private readonly ledger: DeliveryLedger;
  private readonly parked: ParkedDeliveries;
  private readonly retries: Retries;
  private readonly continuations: Continuations;
  private readonly attempts: RunningAttempts;
  private readonly suspects: Suspects;
  private readonly batches: HandlerBatches;
  private readonly latest: LatestDeliveries;
  private readonly dispatcher: Dispatcher;
  private readonly loop: ThreadLoop;
  private readonly words: number;
  private recovery: Recovery | undefined;
  private heartbeat = 0;
  private stalled = false;
  private hasWorked = false;
  private budgetUs: number;
  private turnEndsUs = 0;
  /** Takes time that handlers computed beside a lane that is drained. */
  private readonly charge = (priority: number, us: number): void => this.inbox.owe(priority, us);

  /**
   * @param publishing - the thread's own publishing side
   * @param handlers - what its handlers publish with; usually the same
   * @param letters - takes dead letters, on the main thread; other threads send theirs to it
   */
  constructor(context: ThreadContext, publishing: Publishing, handlers: Publishing, options: LoopOptions, letters?: LetterSink) {
    const { seed, thread, atomics, control } = context;
    const regions = seed.plan.threads[thread];
    if (regions === undefined) throw new Error(`no thread ${thread}`);
    this.context = context;
    this.budgetUs = options.budgetUs;
    const sides = publishing === handlers ? [publishing] : [publishing, handlers];
    this.rooms = sides.map(({ room }) => room);
    this.publishers = sides.map(({ publisher }) => publisher);
    this.handover = new PartitionHandover(publishing.publisher.partitions.view, thread);
    this.words = regions.words >> 2;
    this.subscriptions = new Subscriptions(seed, publishing.types);
    this.inbox = new Inbox(context);
    const { slots, bodies } = bayWords(seed.plan, seed.memory, thread);
    this.bay = new Bay(slots, bodies);
    this.ledger = new DeliveryLedger(control, this.words, control);
    const failures = new FailureLog(context);
    const bulkheads = new Bulkheads(context);
    const gates = { bulkheads, breakers: new BreakerGates(context), shares: new GroupShares(bulkheads) };
    this.scope = { publisher: handlers.publisher, sends: handlers.sends, failures, ...gates };
    const common = {
      context,
      subscriptions: this.subscriptions,
      bay: this.bay,
      run: new BayRun(control, this.words, slots),
      failures,
    };
    this.retries = new Retries({ ...common, charge: this.charge });
    this.continuations = new Continuations(context, this.charge);
    this.attempts = new RunningAttempts(context, failures, this.continuations);
    const answers = new Answers(thread, publishing.publisher, localSends(publishing, handlers));
    const shared = { ...common, answers, retries: this.retries, attempts: this.attempts };
    const views = recordViews(bodies.buffer, bodies.byteOffset, bodies.byteLength);
    const outlet = createOutlet({ ...common, views, publisher: publishing.publisher }, letters);
    this.parked = new ParkedDeliveries({ ...shared, views, letters: outlet, linkOf: (producer) => this.inbox.link(producer) });
    const { starts } = this.parked;
    const run = (slot: Slot, group: Group): Slot | undefined => this.parked.run(slot, group);
    this.suspects = new Suspects({ bay: this.bay, ledger: this.ledger, starts, run, wake: () => this.loop.kick() });
    this.batches = new HandlerBatches({ ...shared, views, parked: this.parked });
    this.latest = new LatestDeliveries({ ...shared, parked: this.parked, charge: this.charge });
    this.dispatcher = new Dispatcher({
      ...shared,
      batches: this.batches,
      latest: this.latest,
      ledger: this.ledger,
      parked: this.parked,
      onControl: (lane, kind, index) => {
        if (kind === RecordKind.ack) publishing.sends.acknowledge(readAnswer(lane.ring.data, index + 2));
        else if (kind === RecordKind.letter && letters !== undefined) receiveLetter(lane, index, this.subscriptions, letters);
      },
    });
    this.loop = new ThreadLoop(context, new Doorbell(atomics, control, this.words + ThreadWord.bell), this, options);
    this.parked.onSettled = () => this.loop.kick();
    this.retries.wake = () => this.loop.kick();
    this.scope.bulkheads.onReady = (bulkhead) => {
      starts.admit(bulkhead);
      // What runs alone waits nowhere.
      this.loop.kick();
    };
    this.scope.breakers.onReady = (gate) => {
      starts.admit(gate);
      // Batches that wait are looked at in a turn.
      this.loop.kick();
    };
  }

  /**
   * Takes over from a predecessor, if there was one, and begins to drain. Subscriptions must be complete.
   *
   * @param hosted - number of groups of subscriber modules hosted here; publishers hold credit with them
   */
  start(hosted: number): void {
    const { control } = this.context;
    // From here on its death is one more: `chargeDeath` goes by it.
    control[this.words + ThreadWord.generation] = ((control[this.words + ThreadWord.generation] as number) + 1) | 0;
    this.setPhase(ThreadPhase.recovering);
    this.inbox.open(hosted);
    this.scope.publisher.rouseConsumers();
    this.recovery = new Recovery({
      context: this.context,
      bay: this.bay,
      ledger: this.ledger,
      inbox: this.inbox,
      parked: this.parked,
      retries: this.retries,
      suspects: this.suspects,
    });
    this.setPhase(ThreadPhase.running);
    this.loop.start();
  }

  /** Tells the handlers that are under way to stop, since the runtime closes; they may settle as they like, and others still begin. */
  stopHandlers(): void {
    this.attempts.tellToStop(new RingmainError('RINGMAIN_CLOSED', 'the runtime closes'));
  }

  /** Stops draining, and begins nothing more. Deliveries in the bay stay there; those whose handlers still run may settle. */
  stop(): void {
    this.setPhase(ThreadPhase.stopping);
    this.loop.stop();
    // Before attempts are given up: what waits for one of them does not take its place.
    this.parked.starts.stop();
    this.retries.stop();
    this.scope.breakers.stop();
    this.scope.bulkheads.stop();
    this.attempts.giveUpAll(new RingmainError('RINGMAIN_CLOSED', 'the thread ends'));
    // What came while the others ended: letters, above all.
    if (this.inbox.hasAnswers()) this.inbox.passAnswers(this.dispatcher.drainLane);
    this.scope.publisher.bells.flush();
    this.beforePark();
    this.setPhase(ThreadPhase.stopped);
  }

  /** Sets the time of a turn from now on, in microseconds. */
  setBudget(budgetUs: number): void {
    this.budgetUs = budgetUs;
    this.loop.budgetUs = budgetUs;
  }

  /** Has the loop look again after a change by its own thread. */
  kick(): void {
    this.loop.kick();
  }

  /** True when nothing waits or runs here, and nothing that was published here waits for room. */
  get isIdle(): boolean {
    return (
      this.recovery === undefined &&
      this.bay.live === 0 &&
      !this.inbox.hasWork() &&
      this.publishers.every(({ overflow }) => overflow.staged === 0)
    );
  }

  work(): number {
    const done = this.takeWork();
    this.stalled = done === STALLED;
    if (done > 0 && !this.hasWorked) this.noteFirstWork();
    this.scope.publisher.bells.flush();
    return done;
  }

  hasWork(): boolean {
    this.followTable();
    // Whoever changed a gate before the bell was armed did not ring.
    if (this.scope.breakers.hasNews() || this.scope.bulkheads.hasNews()) return true;
    const roomy = this.checkRooms();
    // A stalled thread has work that it cannot take; what it waits for rings: a settled delivery, an answer, or room for its own answers.
    if (this.stalled) return roomy || this.inbox.hasAnswers();
    return (roomy && this.parked.isAnswering) || this.inbox.hasWork();
  }

  beginTurn(): void {
    this.heartbeat = (this.heartbeat + 1) | 0;
    this.context.atomics.store(this.context.control, this.words + ThreadWord.heartbeat, this.heartbeat);
    const nowUs = runtimeUs(this.context);
    this.turnEndsUs = nowUs + this.budgetUs;
    this.continuations.enter(nowUs);
    this.batches.beginTurn(nowUs);
    this.latest.beginTurn();
    this.retries.beginTurn(nowUs);
    this.dispatcher.beginTurn();
    this.inbox.grant();
    this.inbox.refresh();
    this.scope.breakers.look();
    this.scope.bulkheads.look();
    this.followTable();
  }

  beforePark(): void {
    const nowUs = runtimeUs(this.context);
    this.dispatcher.endRun(nowUs);
    this.inbox.tellSojourn(nowUs);
    this.scope.bulkheads.rest();
    this.scope.breakers.rest();
    for (const group of this.subscriptions.groups()) group.flushLatency();
  }

  endTurn(parks: boolean): void {
    this.continuations.leave(parks);
  }

  private takeWork(): number {
    this.checkRooms();
    const answers = this.inbox.passAnswers(this.dispatcher.drainLane);
    const answered = this.parked.answerLate();
    if (this.recovery !== undefined) {
      // A suspect that ran alone settles only once its answer has left.
      if (!answered || !this.recovery.advance(this.dispatcher)) return answers > 0 ? answers : STALLED;
      this.recovery = undefined;
    }
    // Before and after: what comes due may have to run alone.
    if (!this.suspects.settle()) return answers > 0 ? answers : STALLED;
    this.batches.handDue(this.charge);
    const due = answers + this.retries.startDue(this.turnEndsUs);
    if (!this.suspects.settle()) return due > 0 ? due : STALLED;
    const drained = this.inbox.pass(this.dispatcher.drainLane, this.turnEndsUs);
    const latest = this.latest.hand(drained <= 0, this.turnEndsUs);
    // Nothing more to drain, or no place to put it: what has gathered so far is what there is.
    const taken = drained > 0 ? drained : this.batches.handAll(this.charge) || drained;
    const others = due + latest;
    return others > 0 ? others + Math.max(0, taken) : taken;
  }

  /** Takes over what has changed in the partition table, and hands leaving partitions over once nothing of them is left. Between deliveries. */
  private followTable(): void {
    for (const publisher of this.publishers) publisher.partitions.look();
    if (!this.handover.isPending) return;
    const lanes = (): readonly InLane[] => this.inbox.eventLanes();
    if (this.handover.poll(lanes, (partition) => this.bay.liveIn(partition) === 0)) this.publishers[0]?.partitions.handedOver();
  }

  /** Supervisors measure a recovery up to here. */
  private noteFirstWork(): void {
    this.hasWorked = true;
    const { atomics, control } = this.context;
    atomics.store(control, this.words + ThreadWord.firstWorkUs, runtimeUs(this.context) | 1);
  }

  /** True when something that was full has room again. */
  private checkRooms(): boolean {
    let roomy = false;
    for (const room of this.rooms) roomy = room.check() || roomy;
    return roomy;
  }

  private setPhase(phase: number): void {
    this.context.atomics.store(this.context.control, this.words + ThreadWord.phase, phase);
  }
}

function localSends(publishing: Publishing, handlers: Publishing): ReadonlyMap<number, SendTracker> {
  return new Map([publishing, handlers].map(({ thread, sends }) => [thread, sends]));
}
