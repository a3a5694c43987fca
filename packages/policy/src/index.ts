export * from './codel.ts';
export * from './degradation-ladder.ts';
export * from './lane-schedule.ts';
export * from './max-min-shares.ts';
export * from './restart-intensity.ts';
export * from './stamp-interval.ts';
export * from './token-bucket.ts';
export * from './trail.ts';
