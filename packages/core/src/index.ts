export * from './clock.ts';
export * from './errors.ts';
export * from './event.ts';
export * from './limits.ts';
export * from './outcome.ts';
export * from './partition-hash.ts';
export * from './priority.ts';
export * from './random.ts';
