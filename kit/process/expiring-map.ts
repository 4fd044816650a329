/** A bounded cache in memory. When it is full, the oldest entry is evicted. */
interface ExpiringMap<Key, Value> {
  /** The value, until it expires. */
  get(key: Key): Value | undefined;
  /** Stores a value for `lifetimeMs`, even if the clock of the machine is set meanwhile. */
  set(key: Key, value: Value, lifetimeMs: number): void;
}

/** Creates a cache of at most `maxEntries`. */
export function createExpiringMap<Key, Value>(maxEntries: number): ExpiringMap<Key, Value> {
  const entries = new Map<Key, { value: Value; expireMs: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      return entry !== undefined && entry.expireMs > performance.now() ? entry.value : undefined;
    },
    set(key, value, lifetimeMs) {
      entries.delete(key);
      const [oldest] = entries.keys();
      if (oldest !== undefined && entries.size >= maxEntries) {
        entries.delete(oldest);
      }
      entries.set(key, { value, expireMs: performance.now() + lifetimeMs });
    },
  };
}
