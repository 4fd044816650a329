/** A bounded cache in memory. When it is full, the oldest entry is evicted. */
interface ExpiringMap<Key, Value> {
  /** The value, while it is fresh. */
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

/** Creates a cache of at most `maxEntries`, each fresh for `freshMs`. */
export function createExpiringMap<Key, Value>({
  maxEntries,
  freshMs,
}: {
  maxEntries: number;
  freshMs: number;
}): ExpiringMap<Key, Value> {
  const entries = new Map<Key, { value: Value; untilMs: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      return entry !== undefined && entry.untilMs > Date.now() ? entry.value : undefined;
    },
    set(key, value) {
      entries.delete(key);
      const [oldest] = entries.keys();
      if (oldest !== undefined && entries.size >= maxEntries) {
        entries.delete(oldest);
      }
      entries.set(key, { value, untilMs: Date.now() + freshMs });
    },
  };
}
