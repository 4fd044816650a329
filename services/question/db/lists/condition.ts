import type { QuestionFilter } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { SqlValue } from "#kit/data/database.ts";

/** SQL over the columns of a question, with its values. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** The filters apart from text, by the column that each narrows. */
export type Narrowed = "subject" | "categoryId" | "level" | "type" | "creatorId" | "pricePoints";

/** The condition on each column that a filter narrows. `alias` names the table. */
export function conditionsOf(filter: QuestionFilter, alias: string): Map<Narrowed, Condition> {
  const { subjects, categoryIds, levels, type, creatorId, minPricePoints: min, maxPricePoints: max } = filter;
  const conditions: [Narrowed, Condition | undefined][] = [
    ["subject", oneOf(`${alias}.subject`, subjects)],
    ["categoryId", oneOf(`${alias}.category_id`, categoryIds)],
    ["level", oneOf(`${alias}.level`, levels)],
    ["type", oneOf(`${alias}.type`, type === 0 ? [] : [type])],
    ["creatorId", oneOf(`${alias}.creator_id`, creatorId === 0n ? [] : [creatorId])],
    [
      "pricePoints",
      both(
        min === 0n ? undefined : { sql: `${alias}.price_points >= ?`, values: [min] },
        max === 0n ? undefined : { sql: `${alias}.price_points <= ?`, values: [max] },
      ),
    ],
  ];
  return new Map(conditions.filter((entry): entry is [Narrowed, Condition] => entry[1] !== undefined));
}

/** The conditions joined by AND; a constant without any. */
export function allOf(conditions: Iterable<Condition>): Condition {
  return [...conditions].reduce<Condition | undefined>(both, undefined) ?? { sql: "1", values: [] };
}

function both(one: Condition | undefined, other: Condition | undefined): Condition | undefined {
  return one === undefined || other === undefined
    ? (one ?? other)
    : { sql: `${one.sql} AND ${other.sql}`, values: [...one.values, ...other.values] };
}

/** The values are alternatives; one alone is an equality, which an index walk needs. */
function oneOf(column: string, values: readonly SqlValue[]): Condition | undefined {
  return values.length === 0
    ? undefined
    : values.length === 1
      ? { sql: `${column} = ?`, values }
      : { sql: `${column} IN (?)`, values: [values] };
}
