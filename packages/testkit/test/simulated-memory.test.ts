/**
 * Simulated words: what of a typed array they offer, and what is an error instead of a silent difference.
 */
import { describe, expect, test } from 'vitest';
import { SimulatedMemory } from '@ringmain/testkit';

describe('SimulatedMemory.words()', () => {
  test('looks like an Int32Array of zeros that wraps', () => {
    const words = new SimulatedMemory().words(4);
    expect([words.length, words[0], words[3]]).toEqual([4, 0, 0]);
    words[1] = 0x8000_0000;
    expect(words[1]).toBe(-0x8000_0000);
  });

  test('shares memory with its subarrays, which count from their own start', () => {
    const words = new SimulatedMemory().words(6);
    const middle = words.subarray(2, 5);
    middle[0] = 7;
    expect([middle.length, words[2], words.subarray(-4)[0]]).toEqual([3, 7, 7]);
  });

  test('fills, sets and copies', () => {
    const words = new SimulatedMemory().words(5);
    words.fill(1, 1, 3);
    words.set([8, 9], 3);
    words.copyWithin(0, 3);
    expect(Array.from({ length: 5 }, (_, index) => words[index])).toEqual([8, 9, 1, 8, 9]);
  });

  test.each([
    ['an index out of range', (words: Int32Array) => words[3], 'index 3 is outside of 3 words (data'],
    ['a write out of range', (words: Int32Array) => (words[3] = 1), 'index 3 is outside of 3 words (data'],
    ['a member it does not model', (words: Int32Array) => words.buffer, 'simulated words have no property buffer'],
  ])('throws for %s', (_, access, message) => {
    const words = new SimulatedMemory().words(3, 'data');
    expect(() => access(words)).toThrow(message);
  });
});

describe('SimulatedMemory.atomics', () => {
  test('works at once in the set-up', () => {
    const { atomics, words } = ((memory) => ({ atomics: memory.atomics, words: memory.words(2) }))(new SimulatedMemory());
    expect(atomics.store(words, 0, 5)).toBe(5);
    expect(atomics.exchange(words, 0, 6)).toBe(5);
    expect(atomics.compareExchange(words, 0, 1, 2)).toBe(6);
    expect(atomics.compareExchange(words, 0, 6, 2)).toBe(6);
    expect(atomics.load(words, 0)).toBe(2);
    expect(atomics.notify(words, 0)).toBe(0);
    expect(() => atomics.wait(words, 0, 2)).toThrow('only a simulated thread can wait');
  });

  test('throws for words of another memory and for an index out of range', () => {
    const memory = new SimulatedMemory();
    const words = memory.words(2);
    expect(() => memory.atomics.load(new SimulatedMemory().words(2), 0)).toThrow('these words are not of this simulated memory');
    expect(() => memory.atomics.load(words, 2)).toThrow('index 2 is outside of 2 words');
    expect(() => memory.atomics.load(words, -1)).toThrow('index -1 is outside of 2 words');
  });
});

describe('SimulatedMemory.nameOf()', () => {
  test('gives the narrowest name, with the offset where it covers several words', () => {
    const memory = new SimulatedMemory();
    const words = memory.words(4, 'ring');
    memory.label(words, 1, 'header', 2);
    memory.label(words, 2, 'tail');
    expect([0, 1, 2, 3, 4].map((word) => memory.nameOf(word))).toEqual(['ring[0]', 'header[0]', 'tail', 'ring[3]', 'word 4']);
  });
});
