/** Signals of a process that has several runtimes; the signals come from a stand-in, and the runtimes close when the test says so. */
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { CloseSignal, CloseSignalSource } from '../../dist/close-signals.js';
import { CloseSignals } from '../../dist/close-signals.js';

const log = pino({ enabled: false });

/** A process: what it raises reaches its listeners, as a real one's would. */
class Process implements CloseSignalSource {
  readonly raised: CloseSignal[] = [];
  private readonly listeners = new Set<{ readonly signal: CloseSignal; readonly listener: () => void }>();

  on(signal: CloseSignal, listener: () => void): void {
    this.listeners.add({ signal, listener });
  }

  off(signal: CloseSignal, listener: () => void): void {
    for (const one of this.listeners) if (one.signal === signal && one.listener === listener) this.listeners.delete(one);
  }

  raise(signal: CloseSignal): void {
    this.raised.push(signal);
    this.send(signal);
  }

  send(signal: CloseSignal): void {
    for (const one of this.listeners) if (one.signal === signal) one.listener();
  }
}

function open(source: Process, exit: boolean) {
  let end: () => void = () => {};
  const state = { closes: 0, hurries: 0 };
  const closed = new Promise<void>((resolve) => (end = resolve));
  const target = {
    close: () => {
      state.closes++;
      return closed;
    },
    hurry: () => void state.hurries++,
  };
  const signals = new CloseSignals(target, { on: ['SIGTERM', 'SIGINT'], exit }, log, source);
  const ended = async (): Promise<void> => {
    end();
    await closed;
    await Promise.resolve();
  };
  return { state, ended, signals };
}

describe('signals: { exit: true } with several runtimes', () => {
  it.each([
    ['both exit', true, true],
    ['the first exits', true, false],
    ['the last exits', false, true],
  ])('sends the signal again after the last that a signal closes, and hurries nobody: %s', async (_, first, last) => {
    const source = new Process();
    const [one, other] = [open(source, first), open(source, last)];
    source.send('SIGTERM');
    await one.ended();
    expect(source.raised).toEqual([]);
    await other.ended();
    expect([source.raised, one.state, other.state]).toEqual([['SIGTERM'], { closes: 1, hurries: 0 }, { closes: 1, hurries: 0 }]);
  });

  it('sends nothing again where nobody asked for it', async () => {
    const source = new Process();
    const [one, other] = [open(source, false), open(source, false)];
    source.send('SIGTERM');
    await one.ended();
    await other.ended();
    expect(source.raised).toEqual([]);
  });

  it('does not wait for one that no signal closes, which takes the signal for its first', async () => {
    const source = new Process();
    const one = open(source, true);
    source.send('SIGINT');
    const later = open(source, true);
    await one.ended();
    expect([source.raised, later.state]).toEqual([['SIGINT'], { closes: 1, hurries: 0 }]);
    await later.ended();
    expect(source.raised).toEqual(['SIGINT', 'SIGINT']);
  });

  it('a second signal hurries all of them, and the signal comes again after the last', async () => {
    const source = new Process();
    const [one, other] = [open(source, true), open(source, true)];
    source.send('SIGTERM');
    source.send('SIGTERM');
    expect([one.state.hurries, other.state.hurries]).toEqual([1, 1]);
    await one.ended();
    await other.ended();
    expect(source.raised).toEqual(['SIGTERM']);
  });
});
