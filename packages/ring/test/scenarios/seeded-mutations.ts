/**
 * Faults seeded into the compiled files of the package, one at a time. Each changes one place of one file; the scenarios must catch all.
 * They are the mistakes this kind of code is prone to: publishing too early, looking too early, forgetting to wake or to redo.
 */
import type { Mutation } from '@ringmain/testkit';

const producer = (name: string, find: string, replace: string): Mutation => ({ name, file: 'ring-producer.js', find, replace });
const consumer = (name: string, find: string, replace: string): Mutation => ({ name, file: 'ring-consumer.js', find, replace });
const doorbell = (name: string, find: string, replace: string): Mutation => ({ name, file: 'doorbell.js', find, replace });
const ledger = (name: string, find: string, replace: string): Mutation => ({ name, file: 'delivery-ledger.js', find, replace });
const bay = (name: string, find: string, replace: string): Mutation => ({ name, file: 'bay.js', find, replace });
const account = (name: string, find: string, replace: string): Mutation => ({ name, file: 'credit-account.js', find, replace });
const window = (name: string, find: string, replace: string): Mutation => ({ name, file: 'credit-window.js', find, replace });
const publications = (name: string, find: string, replace: string): Mutation => ({
  name,
  file: 'publication-ledger.js',
  find,
  replace,
});

const TAIL_STORE = 'this.atomics.store(this.control, this.tailIndex, this.tail);';
const HEAD_STORE = 'this.atomics.store(this.control, this.headIndex, this.position);';
const TAIL_LOAD = 'this.limit = this.atomics.load(this.control, this.tailIndex);';
const FULL_CHECK = 'if (((tail - this.headSeen) | 0) + units <= this.capacity)';

const map = (name: string, find: string, replace: string): Mutation => ({ name, file: 'partition-map.js', find, replace });
const view = (name: string, find: string, replace: string): Mutation => ({ name, file: 'partition-view.js', find, replace });
const handover = (name: string, find: string, replace: string): Mutation => ({
  name,
  file: 'partition-handover.js',
  find,
  replace,
});

const cell = (name: string, find: string, replace: string): Mutation => ({ name, file: 'breaker-cell.js', find, replace });
const board = (name: string, find: string, replace: string): Mutation => ({ name, file: 'breaker-board.js', find, replace });

/** Every seeded fault. */
export const SEEDED_MUTATIONS: readonly Mutation[] = [
  map(
    'epoch changed before the owners',
    'for (const { partition, to } of moves)',
    'this.changed(); for (const { partition, to } of moves)',
  ),
  map('partition given away unmarked', '| PARTITION_MOVING);', ');'),
  map('roll-back forgets the epoch', 'this.changed();\n        return found;', 'return found;'),
  view('what moves is not held', ': HELD;\n        }', ': SETTLED;\n        }'),
  view('table taken for known', 'if (epoch === this.epoch)', 'if (this.epoch !== undefined)'),
  view('the source holds what it needs itself', 'owner === this.thread && !handed ? LEAVING : HELD', 'HELD'),
  view('the source goes on after the handover', 'this.states[partition] = HELD;\n', ';\n'),
  handover('handed over before the lanes are through', 'if (!passed || ', 'if ('),
  handover('handed over before the bay is empty', ' || !view.leaving.every(isClear)', ''),
  handover('handed over before all have acknowledged', ' || !view.isFenced', ''),
  handover('own fence read once', 'if (isNew || (isOwnNew && producer === this.thread))', 'if (isNew)'),
  cell('a successor forgets what was taken', 'this.taken = taken & BYTE_MAX;', 'this.taken = 0;'),
  cell('one probe too many', '((gate >>> 8) & BYTE_MAX) - this', '((gate >>> 8) & BYTE_MAX) + 1 - this'),
  cell('probes taken are not counted', 'this.taken = this.takenIn(round) + 1;', 'this.taken = this.takenIn(round);'),
  cell('probes taken are told to nobody', 'this.store(BreakerWord.taken, (round << 16) | this.taken);', ''),
  cell('the gate is not read again after a probe was taken', 'return this.gate() >>> 16 === round;', 'return true;'),
  board('one lease too many', 'let left = probes - this.leased;', 'let left = probes - this.leased + 1;'),
  board('each look leases anew', 'let left = probes - this.leased;', 'let left = probes;'),
  producer(
    'tail stored before the frame',
    'const index = this.claimed << 1;',
    'const index = this.claimed << 1; this.atomics.store(this.control, this.tailIndex, (this.tail + unitsFor(bodyBytes)) | 0);',
  ),
  producer('tail stored plainly', TAIL_STORE, 'this.control[this.tailIndex] = this.tail;'),
  producer('padding looks like an event', '= RecordKind.padding;', '= RecordKind.event;'),
  producer('padding frame missing', 'this.data[offset << 1] = (untilWrap << 3) - FRAME_BYTES;', ''),
  producer('no room counted for the padding', 'if (!this.hasRoom(tail, units + untilWrap))', 'if (!this.hasRoom(tail, units))'),
  producer('one unit too much room', FULL_CHECK, 'if (((tail - this.headSeen) | 0) + units <= this.capacity + 1)'),
  producer('room compared without wrapping', FULL_CHECK, 'if (tail - this.headSeen + units <= this.capacity)'),
  producer('wrong mask', 'this.mask = this.capacity - 1;', 'this.mask = this.capacity * 2 - 1;'),
  producer(
    'rollback keeps the records',
    'this.tail = this.committed;\n    }\n    /** Bytes of sealed',
    '}\n    /** Bytes of sealed',
  ),
  consumer(
    'head stored before the records are read',
    TAIL_LOAD,
    `${TAIL_LOAD} this.atomics.store(this.control, this.headIndex, this.limit);`,
  ),
  consumer('head stored plainly', HEAD_STORE, 'this.control[this.headIndex] = this.position;'),
  consumer('tail loaded plainly', TAIL_LOAD, 'this.limit = this.control[this.tailIndex];'),
  consumer(
    'successor starts at the head',
    'this.position = this.control[this.progressIndex];',
    'this.position = atomics.load(this.control, this.headIndex);',
  ),
  consumer(
    'successor gives no room back',
    'this.released = atomics.load(this.control, this.headIndex);',
    'this.released = this.position;',
  ),
  consumer('progress is not kept', 'this.control[this.progressIndex] = position;', ''),
  doorbell('armed plainly', 'this.atomics.store(this.words, this.index, ASLEEP);', 'this.words[this.index] = ASLEEP;'),
  doorbell(
    'bell taken without a notify',
    'this.atomics.notify(this.words, this.index, 1);\n        return true;',
    'return true;',
  ),
  doorbell(
    'notified before the bell is taken',
    'if (this.atomics.exchange(this.words, this.index, AWAKE) !== ASLEEP)',
    'this.atomics.notify(this.words, this.index, 1);\n        if (this.atomics.exchange(this.words, this.index, AWAKE) !== ASLEEP || true)',
  ),
  doorbell('waits although it was rung', 'waitAsync(this.words, this.index, ASLEEP)', 'waitAsync(this.words, this.index, AWAKE)'),
  doorbell('rouse believes the bell', 'rouse() {', 'rouse() { return this.ring();'),
  ledger('step goes on before the counter', '(step << 2) | STEP_SETTLED;', '((step + 1) << 2) | STEP_RUNNING;'),
  ledger(
    'counter moved before the redo value stands',
    'words[base + ThreadWord.ledgerRedoCell] = cell;',
    'cells[cell] = value; words[base + ThreadWord.ledgerRedoCell] = cell;',
  ),
  ledger('redo dropped', 'this.redo();', ''),
  ledger(
    'redo without the carry',
    'if (value === 0)\n            this.cells[cell + 1]',
    'if (false)\n            this.cells[cell + 1]',
  ),
  ledger(
    'record named before its step',
    'words[base + ThreadWord.ledgerStep] = STEP_RUNNING;\n',
    'words[base + ThreadWord.ledgerLane] = lane; words[base + ThreadWord.ledgerPosition] = position; words[base + ThreadWord.ledgerStep] = STEP_RUNNING;\n',
  ),
  ledger('settled step taken up again', 'this.redo();\n            step++;', 'this.redo();'),
  ledger('a passed record is resumed', 'if ((stepWord & 3) === 0 || progressOf(lane) !== position)', 'if ((stepWord & 3) === 0)'),
  ledger('deaths are not charged', ': 0 };', ': 0 }.crashes > 99 ? undefined : { lane, position, step, crashes: 0 };'),
  bay('slot owned before it is filled', 'words[base] = SlotState.filling;', 'words[base] = SlotState.waiting;'),
  bay('slot freed before it is counted', 'this.slots[base] = SlotState.settled;', 'this.slots[base] = SlotState.free;'),
  bay('settled slot not finished', 'this.finish(base, cells);\n            this.slots[base]', 'this.slots[base]'),
  bay(
    'running slots are dropped',
    'if (state === SlotState.waiting || state === SlotState.running) {',
    'if (state === SlotState.waiting) {',
  ),
  bay(
    'any step of the record counts as held',
    '=== sequenceLow && this.slots[base + SlotWord.step] === step)',
    '=== sequenceLow)',
  ),
  bay('slots taken up in any order', 'live.sort((', 'live.slice().sort(('),
  bay('order starts again', 'this.order = this.word(last, SlotWord.order);', ''),
  bay('successor copies the body again', 'this.bodyChunk = this.word(last, SlotWord.bodyChunk);', ''),
  bay('shared body freed with its first delivery', 'if (this.sharers[chunk] === 0) {', 'if (true) {'),
  publications(
    'announcement stays',
    'cells[cell + 1] = words[base + ThreadWord.publishHigh];\n        words[base + ThreadWord.publishTailIndex] = 0;',
    'cells[cell + 1] = words[base + ThreadWord.publishHigh];',
  ),
  publications('publish never redone', 'this.confirm();', ''),
  publications('redone although not committed', '=== words[base + ThreadWord.publishTail])', '!== undefined)'),
  publications(
    'announced before the values stand',
    'words[base + ThreadWord.publishCell] = cell;',
    'words[base + ThreadWord.publishTailIndex] = tailIndex; words[base + ThreadWord.publishCell] = cell;',
  ),
  publications('credit not taken', 'this.charge(ThreadWord.publishGroupsLow, 0);', ''),
  publications('credit not redone', 'this.redoCharge();', ''),
  publications(
    'group charged again',
    'words[base + mask] = left;\n            words[base + ThreadWord.publishRedoCredit] = 0;',
    'words[base + ThreadWord.publishRedoCredit] = 0;\n            words[base + mask] = left;',
  ),
  ledger(
    'credit returned before it can be redone',
    'words[base + ThreadWord.ledgerRedoCredit] = credit;',
    'cells[credit] = returned; words[base + ThreadWord.ledgerRedoCredit] = credit;',
  ),
  bay(
    'credit of a settled slot forgotten',
    'cells[this.slots[base + SlotWord.redoCredit]] = this.slots[base + SlotWord.redoReturned];',
    '',
  ),
  account(
    'limit looked at once only',
    'this.limit = this.atomics.load(this.control, this.limitIndex);',
    'this.limit ||= this.atomics.load(this.control, this.limitIndex);',
  ),
  account(
    'limit loaded plainly',
    'this.limit = this.atomics.load(this.control, this.limitIndex);',
    'this.limit = this.control[this.limitIndex];',
  ),
  account('credit compared without wrapping', '- this.reserved) | 0;', '- this.reserved);'),
  window(
    'limit stored plainly',
    'atomics.store(control, base + CreditWord.limit + group, limits[group]);',
    'control[base + CreditWord.limit + group] = limits[group];',
  ),
  window('credit that came back rings nobody', 'if (isHalf((limit - waitsAt) | 0, window)', 'if (false'),
  window('a narrower window rings nobody', 'if (limit === limitBefore && window === windowBefore)', 'if (limit === limitBefore)'),
  window(
    'a ring only by what was granted, wherever the producer waits',
    'isHalf((limit - waitsAt) | 0, window)',
    'isHalf((limit - limitBefore) | 0, window)',
  ),
  account(
    'a producer that says too late from where it waits',
    'this.atomics.store(this.control, this.waitsAtIndex, (published + this.reserved) | 0);\n        const left = this.look();',
    'const left = this.look();\n        this.atomics.store(this.control, this.waitsAtIndex, (published + this.reserved) | 0);',
  ),
  account(
    'a producer that never says from where it waits',
    'this.atomics.store(this.control, this.waitsAtIndex, (published + this.reserved) | 0);',
    '',
  ),
  window(
    'successor promises all again',
    'this.limits[group] = atomics.load(control, base + CreditWord.limit + group);',
    'this.limits[group] = this.seen[group];',
  ),
  publications('successor repeats the sequence', 'this.setSequence(sequence.low, sequence.high);', ''),
  publications('first sequence repeated', 'this.setSequence(1, 0);', ''),
];
