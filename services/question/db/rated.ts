import type { RatedTable } from "#kit/data/rated-table.ts";
import { putStatistics } from "./lists/listings.ts";

/** Where the ratings of questions are. */
export const ratedQuestions: RatedTable = {
  table: "question",
  id: "questionId",
  onChange: putStatistics,
};
