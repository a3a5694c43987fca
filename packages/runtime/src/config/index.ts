export * from './config-problem.ts';
export * from './config-reference.ts';
export * from './config-relations.ts';
export * from './config-schema.ts';
export * from './environment.ts';
export * from './load-config.ts';
export * from './module-path.ts';
export * from './parse-config.ts';
