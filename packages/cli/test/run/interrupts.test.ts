/** Signals and what they ask for. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Interrupts } from '../../dist/run/interrupts.js';

describe('Interrupts', () => {
  test('stops at the first signal, abandons at the second and leaves the third to the system', () => {
    const signals = new EventEmitter();
    const heard: [string, number][] = [];
    const interrupts = new Interrupts(signals, (signal, count) => heard.push([signal, count]));
    expect([interrupts.stop.aborted, interrupts.abandon.aborted, interrupts.signal]).toEqual([false, false, undefined]);
    signals.emit('SIGTERM');
    expect([interrupts.stop.aborted, interrupts.abandon.aborted, interrupts.signal]).toEqual([true, false, 'SIGTERM']);
    signals.emit('SIGINT');
    expect([interrupts.stop.aborted, interrupts.abandon.aborted, interrupts.signal]).toEqual([true, true, 'SIGTERM']);
    expect(heard).toEqual([
      ['SIGTERM', 1],
      ['SIGINT', 2],
    ]);
    expect([signals.listenerCount('SIGINT'), signals.listenerCount('SIGTERM')]).toEqual([0, 0]);
  });

  test('leaves no listener behind', () => {
    const signals = new EventEmitter();
    new Interrupts(signals, () => {}).dispose();
    expect(signals.eventNames()).toEqual([]);
  });
});
