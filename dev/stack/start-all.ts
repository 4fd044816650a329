interface Stoppable {
  stop(): Promise<unknown>;
}

/** Waits for things that start side by side. Where one does not come up, those that did are stopped before it throws. */
export async function startAll<T extends readonly Stoppable[]>(
  starting: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const settled = await Promise.allSettled(starting);
  const failed = settled.find(result => result.status === "rejected");
  if (failed !== undefined) {
    await Promise.all(
      settled.map(result => (result.status === "fulfilled" ? result.value.stop() : undefined)),
    );
    throw failed.reason;
  }
  return settled.map(result => (result.status === "fulfilled" ? result.value : undefined)) as unknown as T;
}
