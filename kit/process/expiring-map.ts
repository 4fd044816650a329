/** A bounded cache in memory. When it is full, the oldest entry is evicted. */
interface ExpiringMap<Key, Value> {
  /** The value, until it expires. */
  get(key: Key): Value | undefined;
  /** Stores a value until `expireMs`, in milliseconds since the epoch. */
  set(key: Key, value: Value, expireMs: number): void;
}

/** Creates a cache of at most `maxEntries`. */
export function createExpiringMap<Key, Value>(maxEntries: number): ExpiringMap<Key, Value> {
  const entries = new Map<Key, { value: Value; expireMs: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      return entry !== undefined && entry.expireMs > Date.now() ? entry.value : undefined;
    },
    set(key, value, expireMs) {
      entries.delete(key);
      const [oldest] = entries.keys();
      if (oldest !== undefined && entries.size >= maxEntries) {
        entries.delete(oldest);
      }
      entries.set(key, { value, expireMs });
    },
  };
}
