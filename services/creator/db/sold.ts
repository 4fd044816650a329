import type { SoldTable } from "#kit/data/sold-table.ts";

/** Where the sales of creators are counted. */
export const soldCreators: SoldTable = { table: "creator_statistics", id: "creatorId" };
