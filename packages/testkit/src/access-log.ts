/**
 * What one generation of one simulated thread did so far: the key and value of every access, in order.
 * A suspended thread is run again from its start; the log answers its accesses until it reaches the point of suspension.
 * Thread: the explorer's own.
 */
import { Op } from './operations.ts';
import type { OpKind } from './operations.ts';
import { doubled } from './undo-words.ts';

const KINDS = 16;

/** The key under which an access is logged: what and where. */
export function accessKey(kind: OpKind, word: number): number {
  return word * KINDS + kind;
}

/** The kind of a logged access. */
export function kindOf(key: number): OpKind {
  return (key & (KINDS - 1)) as OpKind;
}

/** True when the logged value is one the thread chose, so that it must be the same again when the thread is run again. */
export function isThreadsOwnValue(key: number): boolean {
  return kindOf(key) === Op.write;
}

/** An append-only log that can be cut back. */
export class AccessLog {
  /** Number of accesses logged; set it to cut back. */
  length = 0;
  private keys = new Int32Array(64);
  private values = new Int32Array(64);

  keyAt(index: number): number {
    return this.keys[index] as number;
  }

  valueAt(index: number): number {
    return this.values[index] as number;
  }

  append(key: number, value: number): void {
    if (this.length === this.keys.length) {
      this.keys = doubled(this.keys);
      this.values = doubled(this.values);
    }
    this.keys[this.length] = key;
    this.values[this.length] = value;
    this.length++;
  }
}
