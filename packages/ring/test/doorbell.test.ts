/** The doorbell in one thread: who wakes, who pays, and who wakes a sleeper whose waker died. */
import { describe, expect, it } from 'vitest';
import { Doorbell, systemAtomics } from '@ringmain/ring';
import type { AtomicsPort } from '@ringmain/ring';

const INDEX = 3;

function openBell(port: Partial<AtomicsPort> = {}) {
  const words = new Int32Array(new SharedArrayBuffer(32));
  const notified: number[] = [];
  const atomics: AtomicsPort = {
    ...systemAtomics,
    notify: (target, index, count) => {
      notified.push(index);
      return systemAtomics.notify(target, index, count);
    },
    ...port,
  };
  return { words, notified, bell: new Doorbell(atomics, words, INDEX) };
}

describe('Doorbell', () => {
  it('ring() costs an awake thread one load and no wake', () => {
    const { bell, notified, words } = openBell({ exchange: () => expect.fail('an awake thread is not rung') });
    expect(bell.ring()).toBe(false);
    expect(notified).toEqual([]);
    expect([...words]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('ring() wakes an armed thread once', async () => {
    const { bell, notified } = openBell();
    bell.arm();
    expect(bell.isArmed()).toBe(true);
    const wait = bell.waitAsync();
    expect(wait.async).toBe(true);
    expect([bell.ring(), bell.ring()]).toEqual([true, false]);
    expect(notified).toEqual([INDEX]);
    expect(await wait.value).toBe('ok');
    expect(bell.isArmed()).toBe(false);
  });

  it('ring() leaves the wake to the other of two wakers that saw the same bell', () => {
    const { bell, notified, words } = openBell({ load: () => 1 });
    words[INDEX] = 0;
    expect(bell.ring()).toBe(false);
    expect(notified).toEqual([]);
  });

  it('disarm() takes the announcement back', () => {
    const { bell } = openBell();
    bell.arm();
    bell.disarm();
    expect(bell.isArmed()).toBe(false);
    expect(bell.ring()).toBe(false);
  });

  it('wait() and waitAsync() return at once when the bell was rung after arming', () => {
    const { bell } = openBell();
    bell.arm();
    bell.ring();
    bell.wait();
    expect(bell.waitAsync()).toEqual({ async: false, value: 'not-equal' });
  });

  it('rouse() wakes a sleeper whose waker died between taking the bell and the notify', async () => {
    const { bell, words } = openBell();
    bell.arm();
    const wait = bell.waitAsync();
    // The waker's last act.
    systemAtomics.exchange(words, INDEX, 0);
    expect(bell.ring()).toBe(false);
    bell.rouse();
    expect(await wait.value).toBe('ok');
  });

  it('rouse() keeps a thread that has armed from falling asleep', () => {
    const { bell } = openBell();
    bell.arm();
    bell.rouse();
    expect(bell.waitAsync().async).toBe(false);
  });
});
