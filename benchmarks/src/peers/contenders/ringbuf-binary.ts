/** `ringbuf.js` with hand-written binary records. Thread: main thread of the contender's process. */
import { RingbufContender } from './ringbuf.ts';

export default class RingbufBinaryContender extends RingbufContender {
  constructor() {
    super('binary');
  }
}
