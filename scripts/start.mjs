/** What `npm start` runs: the main job, with the arguments after `--`. See `scripts/main-job/src/main.ts`. */
import './main-job/dist/main.js';
