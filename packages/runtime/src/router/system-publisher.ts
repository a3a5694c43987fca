/**
 * Publishes what the coordinator has to say as events of the runtime's own types, if somebody subscribes to them.
 * Thread: main. Such an event is never staged and never retried: it tells of a state that the metrics tell too.
 */
import type { Publishing } from '../publish/publishing.ts';
import type { SystemEvents, SystemNoticeName } from '../events/system-events.ts';

/** Publisher of `system.` events. */
export class SystemPublisher {
  private readonly publishing: Publishing;
  private closed = false;

  constructor(publishing: Publishing) {
    this.publishing = publishing;
  }

  /** Publishes one event; nothing happens when nobody listens or the runtime closes. */
  publish<Name extends SystemNoticeName>(name: Name, data: SystemEvents[Name]): void {
    if (this.closed) return;
    const { types, dictionary, publisher } = this.publishing;
    const type = types.system(name, dictionary);
    if (type.hosted || type.toMain) publisher.emit(type, data, {}, 0, false);
  }

  /** Says nothing more: what is accepted from now on would hold up the drain. */
  close(): void {
    this.closed = true;
  }
}
