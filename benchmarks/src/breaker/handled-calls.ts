/** Calls that handlers of this thread ended. With `shards: 0` they run on the main thread, which reads it. */
export const handled = { count: 0 };
