/** Copies sold of each creator in one purchase. */
export function copiesByCreator(lines: readonly { creatorId: bigint }[]): ReadonlyMap<bigint, number> {
  const sold = Map.groupBy(lines, line => line.creatorId);
  return new Map([...sold].map(([creatorId, own]) => [creatorId, own.length]));
}
