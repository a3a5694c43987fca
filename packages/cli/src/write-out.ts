/** Writes to a stream and waits until it is written; a reader that went away is no error. */

/** Resolves when the text has left the process, or can no longer. */
export function writeOut(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    // The callback also runs on failure; without a listener the failure would end the process as well.
    stream.once('error', () => resolve());
    stream.write(text, () => resolve());
  });
}
