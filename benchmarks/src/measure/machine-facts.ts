/**
 * What a reader must know about the machine to judge a figure, taken before and after a run because shared machines change under it.
 * Thread: main.
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { pingPongRoundTripNs } from './ping-pong.ts';

/** Facts that may change during a run. */
export interface MachineMoment {
  readonly loadAverage: number;
  readonly pingPongNs: number;
}

/** The `machine` field of every report. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly platform: string;
  readonly before: MachineMoment;
  readonly after: MachineMoment;
}

/** Reads load and cache-line round trip now. */
export async function machineMoment(): Promise<MachineMoment> {
  return { loadAverage: loadavg()[0] ?? 0, pingPongNs: await pingPongRoundTripNs() };
}

/** Joins the fixed facts with the two moments. */
export function machineFacts(before: MachineMoment, after: MachineMoment): MachineFacts {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    platform: `${process.platform}-${process.arch}`,
    before,
    after,
  };
}

/** One line for people. */
export function describeMoment(label: string, moment: MachineMoment): string {
  return `${label}: load ${moment.loadAverage.toFixed(2)}, cache line round trip between threads ${moment.pingPongNs} ns`;
}
