/**
 * Scenarios of a partition that moves: a producer, the old owner (which publishes to its own partition too), the new owner, and the coordinator, in the
 * order of operations of `PartitionWatch`, `Consumer.followTable` and `PartitionMover` in `packages/runtime/src`, over the shipped words.
 *
 * What the two owners do for the partition is a plain write to a word that they share. So an event that is handled out of order is found by its number,
 * and one that is handled while the other owner is not through is found as a race.
 */
import {
  DRAINED,
  LINK_BYTES,
  LinkWord,
  RecordKind,
  THREAD_BYTES,
  TableWord,
  ThreadWord,
  WRITER_STRIDE_WORDS,
} from '@ringmain/ring';
import type { PartitionView, PartitionWords, RingConsumer, RingProducer, RingWords } from '@ringmain/ring';
import type { KillPlan, Scenario, SimulatedMemory, ThreadContext } from '@ringmain/testkit';
import { must } from '../delivery-rules.ts';
import type { RingModule } from '../mirror-consumer.ts';

/** Mistakes in the order of operations around the words. */
export type MoveFault =
  | 'acknowledged before the table is taken over'
  | 'taken over within a publish'
  | 'fenced before all have acknowledged'
  | 'finished before it is handed over'
  | 'bay not asked';

/** Shape of a scenario. */
export interface PartitionPlan {
  readonly name: string;
  /** Events of the producer. */
  readonly events: number;
  /** Events that the old owner publishes by itself. */
  readonly ownEvents: number;
  /** Deliveries of the old owner outlive their turn; its first event was published before anything begins. */
  readonly isAsync?: boolean;
  /** The coordinator gives up in place of waiting for the handover. */
  readonly givesUp?: boolean;
  readonly kills?: KillPlan;
  readonly fault?: MoveFault;
}

/** Words of a scenario. */
export interface MovingPartition extends PartitionWords {
  readonly memory: SimulatedMemory;
  /** The next event of each producer, written by whoever handles the partition. */
  readonly handled: Int32Array;
  /** By (producer, consumer). */
  readonly rings: readonly (readonly RingWords[])[];
}

const PRODUCER = 0;
const OLD = 1;
const NEW = 2;
const THREADS = 3;
const THREAD_WORDS = THREAD_BYTES / 4;
const TABLE = THREADS * THREAD_WORDS;
const OWNER = TABLE + TableWord.owners;
const BODY_BYTES = 8;
const RECORD_UNITS = 2;
/** Body of the record that says that no other will follow. */
const END = -1;
const LAST_EPOCH = 2;

/** Small scenarios, cheapest first; each is explored to the end. */
export const PARTITION_PLANS: readonly PartitionPlan[] = [
  { name: 'the old owner publishes to itself', events: 0, ownEvents: 1 },
  { name: 'the coordinator gives up', events: 1, ownEvents: 0, givesUp: true },
  { name: 'a delivery publishes to its own key before it settles', events: 0, ownEvents: 2, isAsync: true },
  { name: 'deliveries outlive their turn', events: 2, ownEvents: 0, isAsync: true },
  { name: 'a producer publishes', events: 1, ownEvents: 0 },
];

/** Deaths: sampled in the short form, explored in the full one. */
export const MORTAL_PARTITION_PLANS: readonly PartitionPlan[] = [
  { name: 'the producer dies', events: 1, ownEvents: 0, kills: { max: 1, victims: ['producer'] } },
  { name: 'the old owner dies', events: 1, ownEvents: 0, kills: { max: 1, victims: ['old owner'] } },
  { name: 'the old owner dies that publishes to itself', events: 0, ownEvents: 1, kills: { max: 1, victims: ['old owner'] } },
];

/** The same with more events. */
export const LARGE_PARTITION_PLANS: readonly PartitionPlan[] = [
  { name: 'a producer publishes twice', events: 2, ownEvents: 0 },
  { name: 'two deliveries outlive their turn', events: 3, ownEvents: 0, isAsync: true },
  { name: 'the old owner publishes to itself twice', events: 0, ownEvents: 2 },
];

/** A partition moves from one owner to another. */
export function partitionScenario(ring: RingModule, plan: PartitionPlan): Scenario<MovingPartition> {
  const { fault } = plan;
  const producer = (shared: MovingPartition, thread: ThreadContext): void => runProducer(ring, plan, shared, thread);
  const oldOwner = (shared: MovingPartition, thread: ThreadContext): void => runOldOwner(ring, plan, shared, thread);
  return {
    name: `partition: ${plan.name}${fault === undefined ? '' : `, ${fault}`}`,
    setup: (memory) => setUp(memory, plan),
    threads: [
      // Where the old owner publishes to itself, nobody else does.
      ...(plan.ownEvents > 0 ? [] : [{ name: 'producer', run: producer, successor: producer }]),
      { name: 'old owner', run: oldOwner, successor: oldOwner },
      ...(plan.givesUp === true
        ? []
        : [
            {
              name: 'new owner',
              run: (shared: MovingPartition, thread: ThreadContext) => runNewOwner(ring, plan, shared, thread),
            },
          ]),
      { name: 'coordinator', run: (shared, thread) => runCoordinator(ring, plan, shared, thread) },
    ],
    ...(plan.kills === undefined ? {} : { kills: plan.kills }),
    check: ({ shared: { handled, control } }) => {
      must(handled[PRODUCER] === plan.events, `${handled[PRODUCER]} of ${plan.events} events were handled`);
      must(handled[OLD] === plan.ownEvents, `${handled[OLD]} of ${plan.ownEvents} own events were handled`);
      must(control[OWNER] === (plan.givesUp === true ? OLD : NEW), `thread ${control[OWNER]} is the owner`);
    },
  };
}

function setUp(memory: SimulatedMemory, { isAsync = false, ownEvents }: PartitionPlan): MovingPartition {
  const links = TABLE + 2 * WRITER_STRIDE_WORDS;
  const linkWords = LINK_BYTES / 4;
  const control = memory.words(links + 4 * linkWords, 'control');
  control[OWNER] = OLD;
  const rings = [PRODUCER, OLD].map((producer) =>
    [OLD, NEW].map((consumer) => {
      const base = links + (producer * 2 + consumer - OLD) * linkWords;
      const indexes = {
        tailIndex: base + LinkWord.tail,
        headIndex: base + LinkWord.head,
        progressIndex: base + LinkWord.progress,
      };
      // Ordinary memory: the explorer is not after the rings here.
      return { control, data: new Int32Array(64), ...indexes };
    }),
  );
  if (isAsync) {
    const first = rings[ownEvents > 0 ? OLD : PRODUCER]?.[0];
    if (first === undefined) throw new Error('no ring to the old owner');
    const { data, tailIndex } = first;
    data.set([BODY_BYTES, RecordKind.event, 0]);
    control[tailIndex] = RECORD_UNITS;
  }
  const threads = Array.from({ length: THREADS }, (_, thread) => thread * THREAD_WORDS);
  return { memory, control, table: TABLE, threads, partitions: 1, handled: memory.words(2, 'handled'), rings };
}

/** The publishing side of a thread. */
class Side {
  readonly view: PartitionView;
  /** Events that it committed, over all generations. */
  published: number;
  private readonly fault: MoveFault | undefined;
  private readonly lanes: readonly RingProducer[];
  private readonly control: Int32Array;

  constructor(ring: RingModule, plan: PartitionPlan, shared: MovingPartition, thread: number) {
    const { memory, rings, control } = shared;
    const { atomics } = memory;
    const own = rings[thread] ?? [];
    this.fault = plan.fault;
    this.view = new ring.PartitionView(atomics, shared, thread);
    this.lanes = own.map((words) => new ring.RingProducer(atomics, words));
    this.control = control;
    this.published = this.lanes.reduce((sum, { sealedTail }) => sum + sealedTail / RECORD_UNITS, 0);
    this.view.adopt();
    this.view.acknowledge();
  }

  /** Waits for a change of the table and takes it over. */
  awaitChange(thread: ThreadContext): void {
    thread.spin(this.control, TABLE + TableWord.epoch, this.view.epoch ?? 0);
    this.look();
  }

  look(): void {
    if (this.fault === 'acknowledged before the table is taken over' && this.view.epoch === 0) {
      this.view.epoch = LAST_EPOCH - 1;
      this.view.acknowledge();
      this.view.epoch = undefined;
      return;
    }
    if (this.view.adopt()) this.view.acknowledge();
  }

  /** Publishes one event; false when it is held. */
  publish(): boolean {
    if (this.view.isHeld(0)) return false;
    if (this.view.isLeaving(0)) this.view.ownRecords++;
    const owner = this.view.owners[0] as number;
    if (this.fault === 'taken over within a publish') this.look();
    this.put(owner, this.published);
    this.published++;
    return true;
  }

  /** Says to an owner that nothing more comes. */
  put(owner: number, body: number): void {
    const lane = this.lanes[owner - OLD] as RingProducer;
    const offset = lane.claim(BODY_BYTES);
    const { data } = lane as unknown as { readonly data: Int32Array };
    data[offset >> 2] = body;
    lane.seal(RecordKind.event, BODY_BYTES);
    lane.commit();
  }
}

function runProducer(ring: RingModule, plan: PartitionPlan, shared: MovingPartition, thread: ThreadContext): void {
  const side = new Side(ring, plan, shared, PRODUCER);
  while (side.published < plan.events) {
    if (thread.choose(2) === 1) side.look();
    if (!side.publish()) side.awaitChange(thread);
  }
  while (side.view.epoch !== LAST_EPOCH) side.awaitChange(thread);
  if (plan.givesUp === true) side.put(OLD, END);
  else side.put(NEW, END);
}

/** One that only consumes: what comes from the producer, or from the old owner itself. */
function runNewOwner(ring: RingModule, plan: PartitionPlan, shared: MovingPartition, thread: ThreadContext): void {
  const books = new Books(ring, shared, thread, plan.ownEvents > 0 ? OLD : PRODUCER, NEW);
  while (!books.ended) books.take();
}

/** What an owner does with the records of one lane. */
class Books {
  ended = false;
  /** Deliveries that outlive their turn. */
  open = 0;
  readonly ring: RingConsumer;
  readonly producer: number;
  private readonly shared: MovingPartition;
  private readonly thread: ThreadContext;
  private readonly words: RingWords;

  constructor(ring: RingModule, shared: MovingPartition, thread: ThreadContext, producer: number, owner: number) {
    this.shared = shared;
    this.thread = thread;
    this.producer = producer;
    this.words = shared.rings[producer]?.[owner - OLD] as RingWords;
    this.ring = new ring.RingConsumer(shared.memory.atomics, this.words);
  }

  /** Takes one record, and waits for it if there is none. */
  take(isAsync = false): void {
    this.thread.spin(this.shared.control, this.words.tailIndex, this.ring.position);
    this.drain(isAsync);
  }

  /** Takes one record if there is one. */
  drain(isAsync: boolean): void {
    const { ring } = this;
    const index = ring.refresh() ? ring.next() : DRAINED;
    if (index === DRAINED) return;
    const id = ring.data[index + 2] as number;
    if (id === END) {
      // It stays, for a successor to find.
      this.ended = true;
      return;
    }
    this.handle(id, isAsync);
    ring.advance(index);
    ring.release();
  }

  /** The handler goes on until its delivery settles: here it still touches what the new owner will touch. */
  settle(): void {
    if (this.open === 0) return;
    this.open--;
    const { handled } = this.shared;
    const next = handled[this.producer] as number;
    handled[this.producer] = next;
  }

  private handle(id: number, isAsync: boolean): void {
    const { handled } = this.shared;
    const next = handled[this.producer] as number;
    const isRepeat = this.thread.generation > 0 && next === id + 1;
    must(isRepeat || next === id, `event ${id} of producer ${this.producer} is handled, after ${next}`);
    handled[this.producer] = id + 1;
    if (isAsync) this.open++;
  }
}

/** Works off what it has, publishes to itself if the plan says so, and hands over. */
function runOldOwner(ring: RingModule, plan: PartitionPlan, shared: MovingPartition, thread: ThreadContext): void {
  const { ownEvents } = plan;
  const side = new Side(ring, plan, shared, OLD);
  const books = new Books(ring, shared, thread, ownEvents > 0 ? OLD : PRODUCER, OLD);
  while (side.view.epoch === 0) side.awaitChange(thread);
  // At either of these places, or at none.
  if (side.published < ownEvents && thread.choose(2) === 1) side.publish();
  if (thread.choose(2) === 1) books.drain(plan.isAsync === true);
  handOver(ring, plan, shared, thread, side, books);
  while (books.open > 0) books.settle();
  while (side.published < ownEvents || side.view.epoch !== LAST_EPOCH) {
    if (side.published >= ownEvents || !side.publish()) side.awaitChange(thread);
  }
  if (ownEvents > 0) side.put(NEW, END);
  else if (plan.givesUp === true) while (!books.ended) books.take();
}

/** Looks, and works on, until the partition is handed over or the table was changed back. */
function handOver(
  ring: RingModule,
  plan: PartitionPlan,
  shared: MovingPartition,
  thread: ThreadContext,
  side: Side,
  books: Books,
): void {
  const { fault, isAsync = false, ownEvents } = plan;
  const handover = new ring.PartitionHandover(side.view, OLD);
  const lanes = [{ number: books.producer, producer: books.producer, ring: books.ring }];
  const isClear = (): boolean => fault === 'bay not asked' || books.open === 0;
  let patience = 2;
  // Whoever looks before the others have acknowledged must find that it is too early.
  if (handover.isPending && ownEvents === 0) handover.poll(() => lanes, isClear);
  if (handover.isPending) thread.spin(shared.control, TABLE + TableWord.fence, 0);
  // The table may be taken over while it is changed back: then the epoch is that of the move, and nothing leaves any more.
  while (handover.isPending && !handover.poll(() => lanes, isClear)) {
    // Before it publishes, so that what it publishes last may still be in the lane when it looks again.
    books.drain(isAsync);
    // Now or later, and in the end: a delivery that never publishes what it has to never settles.
    if (side.published < ownEvents && (patience-- === 0 || thread.choose(2) === 1)) side.publish();
    // A delivery settles only when it has published what it has to.
    if (side.published >= ownEvents) books.settle();
    if (plan.givesUp === true) side.look();
  }
}

function runCoordinator(ring: RingModule, plan: PartitionPlan, shared: MovingPartition, thread: ThreadContext): void {
  const { memory, control } = shared;
  const map = new ring.PartitionMap(memory.atomics, shared);
  const producers = [plan.ownEvents > 0 ? OLD : PRODUCER];
  // Each of these words changes once.
  const waitFor = (one: number, word: number): void => void thread.spin(control, one * THREAD_WORDS + word, 0);
  map.begin([0]);
  if (plan.fault !== 'fenced before all have acknowledged') {
    for (const one of producers) waitFor(one, ThreadWord.tableEpoch);
    must(map.isAcknowledged(producers), 'not all have acknowledged');
  }
  map.fence();
  if (plan.givesUp === true) map.rollBack();
  else {
    if (plan.fault !== 'finished before it is handed over') {
      waitFor(OLD, ThreadWord.handedEpoch);
      must(map.isHandedOver(OLD), 'it was not handed over');
    }
    map.finish([{ partition: 0, to: NEW }]);
  }
}
