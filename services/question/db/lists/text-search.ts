import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import { QuestionFilterSchema } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Page } from "#kit/data/keyset.ts";
import type { SearchTerm, SearchWord } from "../../domain/search-text.ts";
import { allOf, conditionsOf } from "./condition.ts";
import { findByTerms } from "./few-listings.ts";
import { comparePlaces, type Place } from "./order.ts";
import { fill, isMatch, pageOf, pageOfFew } from "./page.ts";
import type { Entry } from "./walk.ts";
import { byWalk, findByWalk, hasPart, type Search, walkOf } from "./walk-search.ts";

// Parts of the rows that a call may read: to see how frequent matches and terms are, and to read all matches.
const sampled = 0.125;
const fewOfTerms = 0.75;

// Terms in so large a part of the sample are left to the check of the text: the full-text index takes long for them.
const frequent = 0.05;
const mostTerms = 12;

// So many matches are read at once and kept, where a page of a walk would be almost empty.
const mostKept = 20_000;

/** Frequent words fill a page by a walk; rare ones are found by the full-text index. */
export async function findByText(search: Search, way: string | undefined): Promise<Page<bigint>> {
  const { words, wanted, maxRows } = search;
  const terms = termsOf(words);
  if (way !== undefined) {
    const rare = way === byWalk ? [] : way.split(".").flatMap(index => terms[Number(index)]?.term ?? []);
    return (await findAll(search, rare, way)) ?? findByWalk(search, maxRows);
  }
  const walk = walkOf(search, terms.map(hasPart));
  const filling = await fill(walk, wanted, maxRows * sampled);
  const isFullSoon = filling.matches.length >= wanted.limit * sampled;
  if (filling.state === "spent" && !isFullSoon) {
    const indexes = rareOf(terms, filling.read);
    const rare = indexes.flatMap(index => terms[index]?.term ?? []);
    const found = await findAll(search, rare, indexes.join("."));
    if (found !== undefined) {
      return found;
    }
  }
  return pageOf(await fill(walk, wanted, maxRows, filling), wanted, byWalk);
}

/** Finds a page among all matches. Returns undefined where they are too many, or the index has nothing to go by. */
async function findAll(
  search: Search,
  terms: readonly string[],
  way: string,
): Promise<Page<bigint> | undefined> {
  if (terms.length === 0) {
    return undefined;
  }
  const { query, order, after, wanted, maxRows, keep } = search;
  const few = await readMatches(search, terms, maxRows * fewOfTerms);
  if (few !== undefined) {
    return pageOfFew(few, { order, after, wanted, way });
  }
  const key = createHash("sha256")
    .update(toBinary(QuestionFilterSchema, query.filter))
    .update(`\0${order.name}\0${terms.join()}`)
    .digest("base64url");
  const kept = await keep(key, async () => toText(await readMatches(search, terms, mostKept)));
  const all = fromText(kept)?.map(place => ({ ...place, passed: 1 }));
  return all && pageOfFew(all, { order, after, wanted, way });
}

/** All matches in order; undefined where the terms have more than `maxRows` questions. */
async function readMatches(
  { from, query, words, order }: Search,
  terms: readonly string[],
  maxRows: number,
): Promise<Entry[] | undefined> {
  const matches = allOf([...conditionsOf(query.filter, "l").values(), ...words.map(hasPart)]);
  const found = await findByTerms(from, terms, { order, checks: [matches], maxRows });
  return found?.filter(isMatch).toSorted(comparePlaces(order));
}

function toText(places: readonly Place[] | undefined): string {
  return places === undefined ? "" : JSON.stringify(places.map(({ key, id }) => [key, id.toString()]));
}

function fromText(text: string): Place[] | undefined {
  return text === ""
    ? undefined
    : (JSON.parse(text) as [string, string][]).map(([key, id]) => ({ key, id: BigInt(id) }));
}

/** The terms of the words, each once, as many as are worth a check. */
function termsOf(words: readonly SearchWord[]): SearchTerm[] {
  const byName = new Map(words.flatMap(word => word.terms.map(term => [term.term, term])));
  return [...byName.values()].slice(0, mostTerms);
}

/** The indexes of terms that few questions of a sample have; the bits of terms follow the one of a match. */
function rareOf(terms: readonly SearchTerm[], sample: readonly Entry[]): number[] {
  const has = ({ passed }: Entry, index: number) => Math.floor(passed / 2 ** (1 + index)) % 2 === 1;
  return [...terms.keys()].filter(
    index => sample.filter(entry => has(entry, index)).length < sample.length * frequent,
  );
}
