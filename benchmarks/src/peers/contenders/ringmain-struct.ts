/** `ringmain`: one `publish` per event, struct codec. Thread: main thread of the contender's process. */
import { RingmainContender } from './ringmain.ts';

export default class RingmainStructContender extends RingmainContender {
  constructor() {
    super('struct');
  }
}
