/**
 * Writes down every access of one replayed execution with its place in the code.
 * Thread: the explorer's own. It is used for replay only, for taking a stack costs a hundred times an access.
 */
import { fileURLToPath } from 'node:url';
import type { TraceStep } from './failure.ts';
import { Category } from './happens-before.ts';
import { OP_NAMES, Op } from './operations.ts';
import type { OpKind } from './operations.ts';

/** Where the testkit's own frames stand: under `--enable-source-maps` a stack names the sources that the compiled files were made from. */
const ownFolders = ['.', '../src/'].flatMap((folder) => {
  const { href } = new URL(folder, import.meta.url);
  return [href, fileURLToPath(href)];
});
const STACK_DEPTH = 30;

/** A growing trace. */
export class Tracer {
  readonly steps: TraceStep[] = [];
  private readonly nameOf: (word: number) => string;
  private readonly isInBody: () => boolean;
  private readonly lastAccess = new Map<string, TraceStep>();

  /**
   * @param nameOf - names a word
   * @param isInBody - tells whether code under test runs now, so that there is a place in it to name
   */
  constructor(nameOf: (word: number) => string, isInBody: () => boolean) {
    this.nameOf = nameOf;
    this.isInBody = isInBody;
  }

  /** Adds a shared access. */
  access(thread: number, name: string, generation: number, kind: OpKind, word: number, value: string): void {
    const step = { thread: name, generation, operation: OP_NAMES[kind] ?? '', where: this.nameOf(word), value, at: this.here() };
    this.steps.push(step);
    for (const category of categoriesOf(kind)) this.lastAccess.set(`${word} ${thread} ${category}`, step);
  }

  /** Adds something that touches no word. */
  remark(name: string, generation: number, operation: string, value: string): void {
    this.steps.push({ thread: name, generation, operation, where: '', value, at: this.here() });
  }

  /** The place of a thread's last access of a word in a category. */
  placeOf(word: number, thread: number, category: number): string {
    return this.lastAccess.get(`${word} ${thread} ${category}`)?.at ?? 'before the trace';
  }

  /** The place in the code under test that runs now; empty where none does, as after the end of a body. */
  here(): string {
    return this.isInBody() ? place() : '';
  }
}

function categoriesOf(kind: OpKind): readonly number[] {
  switch (kind) {
    case Op.read:
      return [Category.plainRead];
    case Op.write:
      return [Category.plainWrite];
    case Op.store:
      return [Category.atomicWrite];
    case Op.exchange:
    case Op.compareExchange:
      return [Category.atomicRead, Category.atomicWrite];
    default:
      return [Category.atomicRead];
  }
}

/** The innermost frame that is not the testkit's own, as the stack writes it. */
function place(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = STACK_DEPTH;
  const lines = (new Error('place').stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  const outside = lines.find((line) => !line.includes('node:internal') && !ownFolders.some((folder) => line.includes(folder)));
  return (outside ?? '').trim();
}
