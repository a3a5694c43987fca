/** The command line: defaults, narrowing, mistakes. */
import { describe, expect, it } from 'vitest';
import { parseCommand, UsageError } from '../dist/command-line.js';

describe('parseCommand', () => {
  it('runs every scenario with every contender over 30 rounds by default', () => {
    const command = parseCommand(['peers']);
    expect(command).toMatchObject({ suite: 'peers', options: { rounds: 30, seconds: 20, sliceMs: 200 } });
    expect(command.suite === 'peers' && command.options.contenders).toContain('piscina');
  });

  it('narrows by comma-separated names', () => {
    expect(parseCommand(['peers', '--scenario', 'mixed, flood', '--contenders', 'ringmain', '--rounds', '2'])).toMatchObject({
      options: { scenarios: ['mixed', 'flood'], contenders: ['ringmain'], rounds: 2 },
    });
  });

  it.each([
    [[], 'name a suite'],
    [['speers'], 'unknown suite speers'],
    [['peers', '--scenario', 'event-64b'], 'unknown name event-64b; known are event-64B'],
    [['peers', '--rounds', '0'], '0 is not a whole number from 1'],
    [['peers', '--round', '3'], 'round'],
  ])('refuses %j and says why', (args, reason) => {
    expect(() => parseCommand(args)).toThrow(UsageError);
    expect(() => parseCommand(args)).toThrow(reason);
  });
});
