import type { RatedTable } from "#kit/data/rated-table.ts";

/** Where the ratings of questions are. */
export const ratedQuestions: RatedTable = { table: "question", id: "questionId" };
