/** SIGHUP and the reloads it asks for. */
import { EventEmitter } from 'node:events';
import { RingmainError } from '@ringmain/core';
import type { ReloadReport } from 'ringmain';
import { describe, expect, test } from 'vitest';
import { Hangups } from '../../dist/run/hangups.js';

function start() {
  const signals = new EventEmitter();
  const said: string[] = [];
  const waiting: { resolve: (report: ReloadReport) => void; reject: (error: Error) => void }[] = [];
  const reload = (): Promise<ReloadReport> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const hangups = new Hangups(signals, reload, (text) => said.push(text));
  return { signals, said, waiting, hangups };
}

const settled = (): Promise<void> => new Promise(setImmediate);

describe('Hangups', () => {
  test('reloads at the signal and says what changed, or that nothing did', async () => {
    const { signals, said, waiting } = start();
    signals.emit('SIGHUP');
    const changed = [
      { path: 'publishRate.perSecond', from: undefined, to: 20 },
      { path: 'log.level', from: 'info', to: 'debug' },
    ];
    waiting[0]?.resolve({ changed });
    await settled();
    expect(said).toEqual([
      'SIGHUP: publishRate.perSecond is 20 now, was not set\nSIGHUP: log.level is "debug" now, was "info"\n',
    ]);
    signals.emit('SIGHUP');
    waiting[1]?.resolve({ changed: [] });
    await settled();
    expect(said[1]).toBe('SIGHUP: the configuration is the same\n');
  });

  test('says why nothing was reloaded, and goes on', async () => {
    const { signals, said, waiting } = start();
    signals.emit('SIGHUP');
    waiting[0]?.reject(new RingmainError('RINGMAIN_RESTART_NEEDED', 'nothing was reloaded'));
    await settled();
    expect(said).toEqual(['SIGHUP: RINGMAIN_RESTART_NEEDED: nothing was reloaded\n']);
    signals.emit('SIGHUP');
    expect(waiting).toHaveLength(2);
  });

  test('reloads once more for all signals that come during a reload', async () => {
    const { signals, said, waiting } = start();
    for (let signal = 0; signal < 5; signal++) signals.emit('SIGHUP');
    expect(waiting).toHaveLength(1);
    for (let reload = 0; reload < 3; reload++) {
      waiting[reload]?.resolve({ changed: [] });
      await settled();
    }
    expect([waiting.length, said.length]).toEqual([2, 2]);
  });

  test('leaves no listener behind', () => {
    const { signals, hangups } = start();
    hangups.dispose();
    expect(signals.eventNames()).toEqual([]);
  });
});
