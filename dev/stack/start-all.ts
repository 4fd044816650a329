interface Stoppable {
  stop(): Promise<unknown>;
}

/** Waits for several things that are starting. If one fails, stops those that did start, and throws. */
export async function startAll<T extends readonly Stoppable[]>(
  starting: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const results = await Promise.allSettled(starting);
  const failed = results.find(result => result.status === "rejected");
  if (failed !== undefined) {
    await Promise.all(
      results.map(result => (result.status === "fulfilled" ? result.value.stop() : undefined)),
    );
    throw failed.reason;
  }
  return results.map(result => (result.status === "fulfilled" ? result.value : undefined)) as unknown as T;
}
