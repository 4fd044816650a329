/** A question in the feed; greater keys are newer. */
export interface FeedPosition {
  readonly creatorId: bigint;
  readonly questionId: bigint;
  readonly feedKey: string;
}

/** Reads the next `count` positions of each creator, newest first. */
type ReadNext = (
  creators: readonly { creatorId: bigint; after: string | undefined }[],
  count: number,
) => Promise<readonly FeedPosition[]>;

/** What is known of a creator's questions. */
interface Known {
  readonly creatorId: bigint;
  /** The key of the oldest one read. */
  last: string | undefined;
  /** There are no older ones. */
  ended: boolean;
}

/**
 * The newest `limit` questions of all these creators together, older than `after`. Reads the newest one of each
 * creator, and more only of those whose questions so far are all among the newest: one row per creator, and at most
 * ten per question.
 */
export async function mergeFeed(
  creatorIds: readonly bigint[],
  { after, limit }: { after: string | undefined; limit: number },
  readNext: ReadNext,
): Promise<FeedPosition[]> {
  let open = creatorIds.map((creatorId): Known => ({ creatorId, last: after, ended: false }));
  let newest: FeedPosition[] = [];
  for (let count = 1; open.length > 0; count = Math.min(count * 4, limit)) {
    const read = Map.groupBy(
      await readNext(
        open.map(({ creatorId, last }) => ({ creatorId, after: last })),
        count,
      ),
      ({ creatorId }) => creatorId,
    );
    for (const known of open) {
      const more = read.get(known.creatorId) ?? [];
      known.last = more.at(-1)?.feedKey ?? known.last;
      known.ended = more.length < count;
    }
    newest = [...newest, ...[...read.values()].flat()]
      .sort((a, b) => (a.feedKey < b.feedKey ? 1 : -1))
      .slice(0, limit);
    const oldest = newest.length < limit ? "" : (newest.at(-1)?.feedKey ?? "");
    open = open.filter(({ last = "", ended }) => !ended && last > oldest);
  }
  return newest;
}
