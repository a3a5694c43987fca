/**
 * Shared memory whose every access the explorer sees: words that look like an `Int32Array`, and an `AtomicsPort` over them.
 * Thread: the explorer's own; all simulated threads run on one real thread.
 *
 * Code under test gets `words` and `atomics` and cannot tell the difference, as long as it uses indices, `length`, `subarray`,
 * `fill`, `set` and `copyWithin`. Anything else of a typed array, and any index out of range, is an error.
 */
import { RingmainError } from '@ringmain/core';
import type { AsyncWait, AtomicsPort } from '@ringmain/ring';
import { MAY_TIME_OUT, WaitResult } from './memory-model.ts';
import { Op } from './operations.ts';
import type { OpKind } from './operations.ts';

/** What carries out accesses: first the set-up, then the simulation. */
export interface MemoryBackend {
  read(word: number): number;
  write(word: number, value: number): void;
  /** An atomic operation, by the thread that runs now. */
  step(kind: OpKind, word: number, first: number, second: number): number;
  /** Decides whether a wait with a timeout is one that times out. */
  timesOut(): boolean;
}

/** Where a view of simulated words stands. */
interface Region {
  readonly base: number;
  readonly length: number;
}

const regions = new WeakMap<object, Region & { readonly memory: SimulatedMemory }>();
const asyncWaiters = new WeakMap<object, OpenWait>();

/** A wait that `waitAsync` opened. */
export interface OpenWait {
  readonly word: number;
  readonly waiter: number;
}

/** The wait behind a result of `waitAsync`, for `thread.await`. */
export function waitOf(promise: object): OpenWait | undefined {
  return asyncWaiters.get(promise);
}

/** Simulated shared memory. */
export class SimulatedMemory {
  /** Atomic operations on the words of this memory. */
  readonly atomics: AtomicsPort;
  /** Values as the set-up left them. */
  readonly initial: number[] = [];

  private backend: MemoryBackend;
  private sealed = false;
  private readonly names: { readonly base: number; readonly length: number; readonly name: string }[] = [];

  constructor() {
    this.backend = setupBackend(this.initial);
    this.atomics = this.createAtomics();
  }

  /**
   * Allocates words, all zero.
   *
   * @param length - number of words
   * @param name - what traces call them
   */
  words(length: number, name = 'words'): Int32Array {
    if (this.sealed) throw new RingmainError('RINGMAIN_OPTION_INVALID', 'simulated memory is allocated in setup only');
    const base = this.initial.length;
    for (let word = 0; word < length; word++) this.initial.push(0);
    this.names.push({ base, length, name });
    return this.view(base, length);
  }

  /** Names a word, or a range of words, for traces. */
  label(words: Int32Array, index: number, name: string, length = 1): void {
    this.names.push({ base: this.locate(words, index), length, name });
  }

  /** The name of a word in traces: the last and narrowest given, with the offset where the name covers several words. */
  nameOf(word: number): string {
    let best: { readonly base: number; readonly length: number; readonly name: string } | undefined;
    for (const entry of this.names) {
      if (word < entry.base || word >= entry.base + entry.length) continue;
      if (best === undefined || entry.length <= best.length) best = entry;
    }
    if (best === undefined) return `word ${word}`;
    return best.length === 1 ? best.name : `${best.name}[${word - best.base}]`;
  }

  /** Ends the set-up: from now on the backend carries out every access. */
  connect(backend: MemoryBackend): void {
    this.sealed = true;
    this.backend = backend;
  }

  /** The number of a word in this memory. */
  locate(words: Int32Array, index: number): number {
    const region = regions.get(words);
    if (region === undefined || region.memory !== this)
      throw new RingmainError('RINGMAIN_OPTION_INVALID', 'these words are not of this simulated memory');
    if (!(index >= 0 && index < region.length)) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `index ${index} is outside of ${region.length} words`);
    }
    return region.base + index;
  }

  private view(base: number, length: number): Int32Array {
    const view = new Proxy(Object.create(Int32Array.prototype) as Int32Array, {
      get: (_target, key) =>
        isIndex(key) ? this.backend.read(this.at(base, length, key)) : this.member(view, base, length, key),
      set: (_target, key, value: number) => {
        if (!isIndex(key)) throw new RingmainError('RINGMAIN_OPTION_INVALID', `simulated words have no property ${String(key)}`);
        this.backend.write(this.at(base, length, key), value | 0);
        return true;
      },
    });
    regions.set(view, { base, length, memory: this });
    return view;
  }

  private at(base: number, length: number, key: string): number {
    const index = +key;
    if (!(index < length))
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `index ${key} is outside of ${length} words (${this.nameOf(base)})`);
    return base + index;
  }

  private member(view: Int32Array, base: number, length: number, key: string | symbol): unknown {
    const inside = (index: number | undefined, otherwise: number): number => clamp(index ?? otherwise, length);
    switch (key) {
      case 'length':
        return length;
      case 'subarray':
        return (from?: number, to?: number) =>
          this.view(base + inside(from, 0), Math.max(0, inside(to, length) - inside(from, 0)));
      case 'fill':
        return (value: number, from?: number, to?: number) => {
          for (let index = inside(from, 0); index < inside(to, length); index++) view[index] = value;
          return view;
        };
      case 'set':
        return (source: ArrayLike<number>, offset = 0) => {
          for (let index = 0; index < source.length; index++) view[offset + index] = source[index] as number;
        };
      case 'copyWithin':
        return (target: number, from: number, to?: number) => {
          const copied: number[] = [];
          for (let index = inside(from, 0); index < inside(to, length); index++) copied.push(view[index] as number);
          copied.forEach((value, index) => (view[target + index] = value));
          return view;
        };
      case Symbol.toStringTag:
        return 'Int32Array';
      default:
        throw new RingmainError('RINGMAIN_OPTION_INVALID', `simulated words have no property ${String(key)}`);
    }
  }

  private createAtomics(): AtomicsPort {
    const step = (kind: OpKind, words: Int32Array, index: number, first = 0, second = 0): number =>
      this.backend.step(kind, this.locate(words, index), first, second);
    const woken = (result: number): 'not-equal' | 'timed-out' => (result === WaitResult.notEqual ? 'not-equal' : 'timed-out');
    return {
      load: (words, index) => step(Op.load, words, index),
      store: (words, index, value) => step(Op.store, words, index, value | 0),
      exchange: (words, index, value) => step(Op.exchange, words, index, value | 0),
      compareExchange: (words, index, expected, replacement) =>
        step(Op.compareExchange, words, index, expected | 0, replacement | 0),
      notify: (words, index, count = Infinity) => step(Op.notify, words, index, Math.min(count, 0x7fff_ffff)),
      wait: (words, index, value, timeoutMs = Infinity) => {
        const timesOut = timeoutMs <= 0 || (timeoutMs !== Infinity && this.backend.timesOut());
        const result = step(Op.wait, words, index, value | 0, timesOut ? MAY_TIME_OUT : 0);
        if (result < WaitResult.waiter) return woken(result);
        step(Op.wake, words, index, result - WaitResult.waiter);
        return 'ok';
      },
      waitAsync: (words, index, value) => {
        const result = step(Op.waitAsync, words, index, value | 0);
        if (result < WaitResult.waiter) return { async: false, value: woken(result) };
        return { async: true, value: unawaitable(this.locate(words, index), result - WaitResult.waiter) };
      },
    } satisfies AtomicsPort;
  }
}

/** A promise that never settles: simulated threads are synchronous and give it to `thread.await`. */
function unawaitable(word: number, waiter: number): Extract<AsyncWait, { async: true }>['value'] {
  const promise = new Promise<'ok' | 'timed-out'>(() => undefined);
  asyncWaiters.set(promise, { word, waiter });
  return promise;
}

function isIndex(key: string | symbol): key is string {
  if (typeof key !== 'string') return false;
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57;
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(length, index < 0 ? length + index : index));
}

function setupBackend(values: number[]): MemoryBackend {
  const read = (word: number): number => values[word] as number;
  const write = (word: number, value: number): void => {
    values[word] = value;
  };
  return {
    read,
    write,
    step: (kind, word, first, second) => directStep({ read, write }, kind, word, first, second),
    timesOut: () => true,
  };
}

/** Performs an atomic operation at once, outside of any simulated thread: in the set-up and in the check. */
export function directStep(
  cells: Pick<MemoryBackend, 'read' | 'write'>,
  kind: OpKind,
  word: number,
  first: number,
  second: number,
): number {
  const before = cells.read(word);
  switch (kind) {
    case Op.load:
      return before;
    case Op.store:
    case Op.exchange:
      cells.write(word, first);
      return kind === Op.store ? first : before;
    case Op.compareExchange:
      if (before === first) cells.write(word, second);
      return before;
    case Op.notify:
      return 0;
    default:
      throw new RingmainError('RINGMAIN_OPTION_INVALID', 'only a simulated thread can wait');
  }
}
