import type { QuestionFilter } from "#gen/questioncloud/question/v1/question_pb.ts";
import { QuestionType, Subject, SubjectSchema } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { SqlValue } from "#kit/data/database.ts";
import { priceBandsBetween } from "../../domain/price-band.ts";
import { allOf, conditionsOf, type Narrowed } from "./condition.ts";
import type { ListingOrder } from "./listing-order.ts";
import type { Plan } from "./walk.ts";

/** A set of indexes, one for each order, and the branches of a filter in them. */
interface Family {
  readonly name: "shelf" | "category" | "level" | "band" | "creator";
  readonly columns: readonly string[];
  /** The values of the columns, for each branch. */
  readonly values: readonly (readonly SqlValue[])[];
  /** What need not be checked on a row of its branches. */
  readonly covers: readonly Narrowed[];
  /** The part of all questions that its branches are guessed to have. */
  readonly share: number;
}

// Of the curriculum; a guess is enough.
const someCategories = 60;
const allLevels = 6;
const usualBands = 12;
const mostBranches = 100;

/** Chooses the branches that have the fewest rows for a filter. */
export function planOf(filter: QuestionFilter, order: ListingOrder): Plan {
  const conditions = conditionsOf(filter, "l");
  const [family] = familiesOf(filter, order).toSorted((a, b) => a.share - b.share);
  if (family === undefined) {
    throw new TypeError("the shelves are always a choice");
  }
  const sorted: Narrowed | undefined =
    order.name === "level" ? "level" : order.name === "price" ? "pricePoints" : undefined;
  const range = conditions.get(sorted ?? "type");
  const rest = [...conditions].filter(([column]) => !family.covers.includes(column) && column !== sorted);
  return {
    table: "listing",
    idColumn: "question_id",
    index: `ix_listing_${family.name}_${order.name}`,
    branches: family.values.map(values => ({
      sql: family.columns.map(column => `l.${column} = ?`).join(" AND "),
      values,
    })),
    range: sorted === undefined ? allOf([]) : allOf(range === undefined ? [] : [range]),
    rest: allOf(rest.map(([, condition]) => condition)),
  };
}

function familiesOf(filter: QuestionFilter, order: ListingOrder): Family[] {
  const { subjects, categoryIds, levels, creatorId, minPricePoints: min, maxPricePoints: max } = filter;
  if (creatorId !== 0n) {
    return [
      { name: "creator", columns: ["creator_id"], values: [[creatorId]], covers: ["creatorId"], share: 0 },
    ];
  }
  const types = typesOf(filter.type);
  const byType = (values: readonly SqlValue[]) =>
    distinct(values).flatMap(value => types.map(type => [value, type]));
  const shelves = subjectsOf(subjects);
  const bands = min === 0n && max === 0n ? [] : priceBandsBetween(min, max);
  const families: Family[] = [
    {
      name: "shelf",
      columns: ["subject", "type"],
      values: byType(shelves),
      covers: ["subject", "type"],
      share: shelves.length / allSubjects.length,
    },
    {
      name: "category",
      columns: ["category_id", "type"],
      values: byType(categoryIds),
      covers: ["categoryId", "type"],
      share: categoryIds.length / someCategories,
    },
    {
      name: "level",
      columns: ["level", "type"],
      values: order.name === "level" ? [] : byType(levels),
      covers: ["level", "type"],
      share: levels.length / allLevels,
    },
    {
      name: "band",
      columns: ["price_band", "type"],
      values: order.name === "price" ? [] : byType(bands),
      covers: ["type"],
      share: bands.length / usualBands,
    },
  ];
  return families.filter(({ values }) => values.length > 0 && values.length <= mostBranches);
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

const allTypes = [QuestionType.PAST, QuestionType.SELF_MADE];
const allSubjects = SubjectSchema.values
  .map(({ number }) => number as Subject)
  .filter(subject => subject !== Subject.UNSPECIFIED);

/** The types that a filter lets through. */
export function typesOf(type: QuestionType): QuestionType[] {
  return type === QuestionType.UNSPECIFIED ? allTypes : [type];
}

/** The subjects that a filter lets through. */
export function subjectsOf(subjects: readonly Subject[]): readonly Subject[] {
  return subjects.length === 0 ? allSubjects : subjects;
}
