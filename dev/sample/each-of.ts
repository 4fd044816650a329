/**
 * Does `work` for every item, at most `limit` at a time, and returns the results in the order of the items. After a
 * failure nothing more is started, and it is thrown once everything in flight has ended.
 */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const waiting = items.entries();
  const lane = async () => {
    for (const [index, item] of waiting) {
      try {
        results[index] = await work(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) {
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  if (failures.length > 0) {
    throw failures[0];
  }
  return results;
}
