/** `ringmain-json`: one `publish` per event, json codec. Thread: main thread of the contender's process. */
import { RingmainContender } from './ringmain.ts';

export default class RingmainJsonContender extends RingmainContender {
  constructor() {
    super('json');
  }
}
