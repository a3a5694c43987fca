export * from './atomics.ts';
