import type { QuestionFilter } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { SqlValue } from "#kit/database.ts";

/** A condition with its values. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * What a filter narrows a list to. `said` is the alias of the table that holds what the question says, `question` that of the question
 * itself.
 */
export function toConditions(
  filter: QuestionFilter | undefined,
  { said, question }: { said: string; question: string },
): Condition[] {
  if (filter === undefined) {
    return [];
  }
  const conditions: (Condition | undefined)[] = [
    oneOf(`${said}.subject`, filter.subjects),
    oneOf(`${said}.category_id`, filter.categoryIds),
    oneOf(`${said}.level`, filter.levels),
    filter.type === 0 ? undefined : { sql: `${said}.type = ?`, values: [filter.type] },
    filter.creatorId === 0n ? undefined : { sql: `${question}.creator_id = ?`, values: [filter.creatorId] },
    filter.titleContains === ""
      ? undefined
      : { sql: `${said}.title LIKE ?`, values: [`%${filter.titleContains.replace(/[\\%_]/g, "\\$&")}%`] },
    filter.minPricePoints === 0n
      ? undefined
      : { sql: `${said}.price_points >= ?`, values: [filter.minPricePoints] },
    filter.maxPricePoints === 0n
      ? undefined
      : { sql: `${said}.price_points <= ?`, values: [filter.maxPricePoints] },
  ];
  return conditions.filter(condition => condition !== undefined);
}

/** All conditions at once, each behind an AND. */
export function joinConditions(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => ` AND ${sql}`).join(""),
    values: conditions.flatMap(({ values }) => values),
  };
}

function oneOf(column: string, values: readonly SqlValue[]): Condition | undefined {
  return values.length === 0 ? undefined : { sql: `${column} IN (?)`, values: [values] };
}
