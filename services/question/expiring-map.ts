/** A bounded memory of this process. The oldest entry goes when it is full. */
export interface ExpiringMap<Key, Value> {
  /** A value that is still fresh. */
  fresh(key: Key): Value | undefined;
  /** A value, however old. */
  last(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

/** Makes a memory for at most `maxEntries`, each fresh for `freshMs`. */
export function createExpiringMap<Key, Value>({
  maxEntries,
  freshMs,
}: {
  maxEntries: number;
  freshMs: number;
}): ExpiringMap<Key, Value> {
  const entries = new Map<Key, { value: Value; untilMs: number }>();
  return {
    fresh(key) {
      const entry = entries.get(key);
      return entry !== undefined && entry.untilMs > Date.now() ? entry.value : undefined;
    },
    last: key => entries.get(key)?.value,
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
