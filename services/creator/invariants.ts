import type { Database } from "#kit/data/database.ts";
import { describeRows, type Invariant } from "#kit/data/invariants.ts";
import { ratingInvariant } from "#kit/data/rated-table.ts";
import { wrongSums } from "#kit/data/sums.ts";
import { ratedCreators } from "./db/rated.ts";
import { subscriberSums } from "./db/subscribers.ts";

const statistics: Invariant = {
  name: "I6 creators and their statistics",
  async *check(database) {
    yield* describeRows<{ creatorId: bigint }>(
      database,
      {
        sql: `SELECT creator_id FROM creator WHERE creator_id NOT IN (SELECT creator_id FROM creator_statistics)`,
      },
      ({ creatorId }) => `creator ${creatorId} has no statistics`,
    );
    yield* describeRows<{ id: bigint }>(
      database,
      { sql: wrongSums(subscriberSums) },
      ({ id }) => `creator ${id} does not count the subscribers that are stored`,
    );
  },
};

/** What always holds over the rows of creator. */
export const invariants: readonly Invariant[] = [statistics, ratingInvariant(ratedCreators)];

/** Sales as each creator counts them, by creator id. */
export async function readSalesCounts(database: Database): Promise<ReadonlyMap<bigint, bigint>> {
  const rows = await database.query<{ creatorId: bigint; salesCount: bigint }>(
    "SELECT creator_id, sales_count FROM creator_statistics",
  );
  return new Map(rows.map(({ creatorId, salesCount }) => [creatorId, salesCount]));
}

/** The part of a creator that other services may store. */
interface CreatorFacts {
  readonly creatorId: bigint;
  readonly userId: bigint;
  readonly name: string;
  readonly profileImageUrl: string;
  readonly version: bigint;
  readonly withdrawn: boolean;
}

/** The creators with the given ids, by id. */
export async function readCreators(
  database: Database,
  creatorIds: readonly bigint[],
): Promise<ReadonlyMap<bigint, CreatorFacts>> {
  const rows = await database.query<Omit<CreatorFacts, "withdrawn"> & { withdrawTime: Date | null }>(
    `SELECT creator_id, user_id, name, profile_image_url, version, withdraw_time FROM creator
      WHERE creator_id IN (?)`,
    [creatorIds],
  );
  return new Map(
    rows.map(({ withdrawTime, ...row }) => [row.creatorId, { ...row, withdrawn: withdrawTime !== null }]),
  );
}
