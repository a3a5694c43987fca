export * from './create-test-runtime.ts';
export { InjectedFault } from './perform-fault.ts';
export { accountFor, assertConservation, checkConservation, OrderChecker } from '@ringmain/testkit';
export type { FaultAction, FaultMatch, FaultPoint, FaultRule } from '@ringmain/testkit';
