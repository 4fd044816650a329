import type { SoldTable } from "#kit/data/sold-table.ts";
import { putStatistics } from "./lists/listings.ts";

/** Where the sales of questions are counted, deleted ones included. */
export const soldQuestions: SoldTable = { table: "question", id: "questionId", onChange: putStatistics };
