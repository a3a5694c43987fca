/**
 * The measuring side of one contender's process.
 * Thread: main thread of the measuring process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ScenarioName } from '../workload/scenarios.ts';
import type { ChildAnswer, ChildRequest, ChildResult, FloodResult, IdleResult, SliceResult } from './child-protocol.ts';

const START_LIMIT_MS = 30_000;
const SLICE_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 2_000;

export class ContenderProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  #stderr = '';

  constructor(name: string) {
    this.name = name;
    this.#child = fork(new URL('./contender-child.js', import.meta.url), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    // Only the end is kept: it explains a crash, and a contender that logs a lot must not fill this process.
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-2_000);
    });
  }

  async start(scenario: ScenarioName, spinIterations: number): Promise<void> {
    await this.#request({ op: 'start', contender: this.name, scenario, spinIterations }, START_LIMIT_MS);
  }

  slice(op: 'slice' | 'paced', sliceMs: number): Promise<SliceResult> {
    return this.#request({ op, sliceMs }, SLICE_LIMIT_MS + sliceMs) as Promise<SliceResult>;
  }

  flood(seconds: number, warmUpMs: number): Promise<FloodResult> {
    return this.#request({ op: 'flood', seconds, warmUpMs }, SLICE_LIMIT_MS + seconds * 1e3) as Promise<FloodResult>;
  }

  idle(seconds: number): Promise<IdleResult> {
    return this.#request({ op: 'idle', seconds }, SLICE_LIMIT_MS + seconds * 3e3) as Promise<IdleResult>;
  }

  /** Stops politely, so that a contender that cannot stop is noticed, then for certain. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    await this.#request({ op: 'stop' }, STOP_LIMIT_MS).catch(() => undefined);
    await this.kill();
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #request(request: ChildRequest, limitMs: number): Promise<ChildResult> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => finish(() => reject(new Error(`no answer to ${request.op} within ${limitMs} ms`))), limitMs);
      const onMessage = (answer: ChildAnswer): void =>
        finish(() => (answer.ok ? resolve(answer.result) : reject(new Error(answer.reason))));
      const onExit = (code: number | null, signal: string | null): void =>
        finish(() => reject(new Error(`the process ended (${signal ?? code}) during ${request.op}: ${this.#lastWords()}`)));
      const finish = (settle: () => void): void => {
        clearTimeout(limit);
        child.off('message', onMessage);
        child.off('exit', onExit);
        settle();
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
      if (child.connected) child.send(request);
      else onExit(child.exitCode, child.signalCode);
    });
  }

  #lastWords(): string {
    const lines = this.#stderr.trim().split('\n');
    return lines.find((line) => line.includes('FATAL') || line.includes('Error')) ?? lines.at(-1) ?? 'no output';
  }
}
