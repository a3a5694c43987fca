/**
 * The configuration of one thread while it runs: what was read at the start, and what reloads have put in its place.
 *
 * Parts that read `seed.config` where they need it see a new configuration by themselves. Parts that keep something they made of it watch the sections
 * it came from and make it anew.
 * Thread: its owner only. Invariant: when `replace` returns, the thread goes by the new configuration.
 */
import type { RuntimeConfig } from './config-schema.ts';

type Section = keyof RuntimeConfig;
type Apply = (config: RuntimeConfig) => void;

/** Configuration of one thread. */
export class LiveConfig {
  private readonly seed: { config: RuntimeConfig };
  /** Bounded by the parts of a thread: each watches once, when it is made, and lives as long as the thread. */
  private readonly watchers: { readonly sections: readonly Section[]; readonly apply: Apply }[] = [];

  /** @param seed - where the parts of the thread read the configuration */
  constructor(seed: { config: RuntimeConfig }) {
    this.seed = seed;
  }

  /**
   * Has a function called after every change of one of some sections.
   *
   * @param sections - top-level keys of the configuration
   */
  watch(sections: readonly Section[], apply: Apply): void {
    this.watchers.push({ sections, apply });
  }

  /** Puts another configuration in place, and tells who watches, in the order in which they began. */
  replace(config: RuntimeConfig): void {
    const before = this.seed.config;
    this.seed.config = config;
    const changed = (section: Section): boolean => JSON.stringify(before[section]) !== JSON.stringify(config[section]);
    for (const { sections, apply } of this.watchers) if (sections.some(changed)) apply(config);
  }
}
