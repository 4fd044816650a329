import type { QuestionFilter } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { SqlValue } from "#kit/data/database.ts";

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * The conditions of a filter, each prefixed with AND. `content` is the alias of the table whose content is
 * filtered, `question` that of the question itself.
 */
export function toCondition(
  filter: QuestionFilter | undefined,
  { content, question }: { content: string; question: string },
): Condition {
  if (filter === undefined) {
    return { sql: "", values: [] };
  }
  const { type, creatorId, titleContains, minPricePoints, maxPricePoints } = filter;
  const conditions = [
    ...oneOf(`${content}.subject`, filter.subjects),
    ...oneOf(`${content}.category_id`, filter.categoryIds),
    ...oneOf(`${content}.level`, filter.levels),
    ...unless(type === 0, `${content}.type = ?`, type),
    ...unless(creatorId === 0n, `${question}.creator_id = ?`, creatorId),
    ...unless(
      titleContains === "",
      `${content}.title LIKE ?`,
      `%${titleContains.replace(/[\\%_]/g, "\\$&")}%`,
    ),
    ...unless(minPricePoints === 0n, `${content}.price_points >= ?`, minPricePoints),
    ...unless(maxPricePoints === 0n, `${content}.price_points <= ?`, maxPricePoints),
  ];
  return {
    sql: conditions.map(({ sql }) => ` AND ${sql}`).join(""),
    values: conditions.flatMap(({ values }) => values),
  };
}

function oneOf(column: string, values: readonly SqlValue[]): Condition[] {
  return unless(values.length === 0, `${column} IN (?)`, values);
}

function unless(absent: boolean, sql: string, value: SqlValue): Condition[] {
  return absent ? [] : [{ sql, values: [value] }];
}
