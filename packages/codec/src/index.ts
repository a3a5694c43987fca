export * from './payload-codec.ts';
export * from './record-header.ts';
export * from './record-views.ts';
