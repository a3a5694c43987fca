/** `ringbuf.js` with length-prefixed JSON. Thread: main thread of the contender's process. */
import { RingbufContender } from './ringbuf.ts';

export default class RingbufJsonContender extends RingbufContender {
  constructor() {
    super('json');
  }
}
