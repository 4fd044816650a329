import type { RatedTable } from "#kit/data/rated-table.ts";

/** Where the ratings of creators are. */
export const ratedCreators: RatedTable = { table: "creator_statistics", id: "creatorId" };
