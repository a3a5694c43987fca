import { judgeMutants } from '@ringmain/testkit';
import { SEEDED_MUTATIONS } from '../ring/test/scenarios/seeded-mutations.ts';
import { catcherOf } from '../ring/test/scenarios/mutation-suite.ts';
const t0 = Date.now();
const v = await judgeMutants('/tmp/w/move/packages/ring', SEEDED_MUTATIONS.filter(m => m.file.startsWith('partition')), (module, { name, file }) => { const t = Date.now(); let r; try { r = catcherOf(module as never, file); } catch (e) { r = 'THREW ' + e; } console.log(name, '->', r, Date.now() - t); return r; });
