import { expect } from "chai";
import fc from "fast-check";
import { type FeedPosition, mergeFeed } from "./merge-feed.ts";

/** Creators with the keys of their questions; the same key twice within one creator only. */
const shops = fc.uniqueArray(fc.integer({ min: 0, max: 2000 }), { maxLength: 300 }).chain(keys =>
  fc.record({
    positions: fc
      .array(fc.integer({ min: 1, max: 12 }), { minLength: keys.length, maxLength: keys.length })
      .map(owners => keys.map((key, index) => position(owners[index] ?? 1, key))),
    followed: fc.uniqueArray(fc.integer({ min: 1, max: 12 })),
    after: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }),
    limit: fc.integer({ min: 2, max: 101 }),
  }),
);

function position(creator: number, key: number): FeedPosition {
  return { creatorId: BigInt(creator), questionId: BigInt(key), feedKey: keyOf(key) };
}

const keyOf = (key: number) => String(key).padStart(5, "0");

/** Reads from memory, and counts. */
function createReader(positions: readonly FeedPosition[]) {
  const sorted = positions.toSorted((a, b) => (a.feedKey < b.feedKey ? 1 : -1));
  let read = 0;
  return {
    rowsRead: () => read,
    readNext: async (
      creators: readonly { creatorId: bigint; after: string | undefined }[],
      count: number,
    ) => {
      const found = creators.flatMap(({ creatorId, after }) =>
        sorted
          .filter(each => each.creatorId === creatorId && (after === undefined || each.feedKey < after))
          .slice(0, count),
      );
      read += found.length;
      return found;
    },
  };
}

describe("the feed of several creators", () => {
  it("is the newest of all their questions, whatever the order in which they published", async () => {
    await fc.assert(
      fc.asyncProperty(shops, async ({ positions, followed, after, limit }) => {
        const creatorIds = followed.map(BigInt);
        const bound = after === undefined ? undefined : keyOf(after);
        const merged = await mergeFeed(creatorIds, { after: bound, limit }, createReader(positions).readNext);
        const expected = positions
          .filter(({ creatorId }) => creatorIds.includes(creatorId))
          .filter(({ feedKey }) => bound === undefined || feedKey < bound)
          .sort((a, b) => (a.feedKey < b.feedKey ? 1 : -1))
          .slice(0, limit);
        expect(merged).to.deep.equal(expected);
      }),
    );
  });

  it("reads one row of each creator and at most ten for each question shown", async () => {
    const limit = 21;
    const layouts: Readonly<Record<string, (creator: number, index: number) => number>> = {
      "one creator has all the new ones": (creator, index) => (creator === 1 ? 50_000 + index : index),
      "all publish in turn": (creator, index) => index * 300 + creator,
      "each publishes many at once": (creator, index) => creator * 100 + index,
    };
    for (const [what, keyFor] of Object.entries(layouts)) {
      const positions = Array.from({ length: 300 * 40 }, (_, index) => {
        const creator = 1 + (index % 300);
        return position(creator, keyFor(creator, Math.floor(index / 300)));
      });
      const reader = createReader(positions);
      const creatorIds = Array.from({ length: 300 }, (_, index) => BigInt(index + 1));
      expect(await mergeFeed(creatorIds, { after: undefined, limit }, reader.readNext)).to.have.length(limit);
      expect(reader.rowsRead(), what).to.be.at.most(300 + 10 * limit);
    }
  });
});
