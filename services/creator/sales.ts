/** Copies sold of each creator in one purchase, in the order of the creators' ids. */
export function salesByCreator(
  lines: readonly { creatorId: bigint }[],
): [creatorId: bigint, count: number][] {
  return [...Map.groupBy(lines, line => line.creatorId)]
    .map(([creatorId, sold]): [bigint, number] => [creatorId, sold.length])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
