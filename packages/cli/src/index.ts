export type { CommandIo } from './commands/command-io.ts';
export { EXIT_CODE_TEXTS, ExitCode } from './exit-codes.ts';
export type { ExitCodeValue } from './exit-codes.ts';
export { runProgram } from './program.ts';
export type { GroupReport, RunReport } from './report/run-report.ts';
