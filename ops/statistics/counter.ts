import type { Database, Tx } from "#kit/data/database.ts";
import type { CheckOptions } from "#kit/data/invariants.ts";
import type { Replaces } from "#kit/data/stored-state.ts";
import { findWrongSums, type SummedTable, sumUp } from "#kit/data/sums.ts";
import type { Databases } from "../databases.ts";

/** Where states are read. */
interface States<State> {
  readonly service: string;
  /** All of them, in pages; of a source, those that did not change in the last `graceSeconds`. */
  pages(database: Database, options: CheckOptions): AsyncIterable<State[]>;
  /** The same objects in their present states, by key; those that exist. */
  find(database: Database, states: readonly State[]): Promise<ReadonlyMap<string, State>>;
}

/**
 * A service that counts the states of objects of another: it stores each as an event carried it, with its version, and
 * sums over what it stored.
 */
export interface Counter<State extends { readonly version: bigint }> {
  readonly source: States<State>;
  readonly counted: States<State>;
  keyOf(state: State): string;
  /** True where two states of the same version are the same. */
  isSame(one: State, other: State): boolean;
  /** Counts a state unless the stored version may not be replaced; returns false then. */
  count(tx: Tx, state: State, replaces: Replaces): Promise<boolean>;
  forget(tx: Tx, state: State): Promise<void>;
  /** The sums over what is stored. */
  readonly sums: SummedTable;
}

/** Finds what a service counts differently. Yields one line per violation, and changes nothing. */
export async function* compare<State extends { readonly version: bigint }>(
  databases: Databases,
  counter: Counter<State>,
  options: CheckOptions,
): AsyncIterable<string> {
  const { source, counted, keyOf } = counter;
  const [from, database] = [databases.of(source.service), databases.of(counted.service)];
  // What is counted is read first: an object is never behind what was counted of it.
  for await (const page of counted.pages(database, options)) {
    const known = await source.find(from, page);
    for (const stored of page) {
      const state = known.get(keyOf(stored));
      const isAhead = state === undefined || stored.version > state.version;
      if (isAhead || (stored.version === state.version && !counter.isSame(stored, state))) {
        yield `${counted.service} counts ${keyOf(stored)} as it never was`;
      }
    }
  }
  for await (const page of source.pages(from, options)) {
    const stored = await counted.find(database, page);
    for (const state of page.filter(each => (stored.get(keyOf(each))?.version ?? 0n) < each.version)) {
      yield `${counted.service} does not count ${keyOf(state)} in its version ${state.version}`;
    }
  }
}

/**
 * Corrects what a service counts while it goes on counting: compares every state that it stored with its source, then
 * sums up again what is wrong. Yields one line per thing that it corrected.
 */
export async function* rebuild<State extends { readonly version: bigint }>(
  databases: Databases,
  counter: Counter<State>,
): AsyncIterable<string> {
  const { source, counted, keyOf } = counter;
  const database = databases.of(counted.service);
  for await (const page of source.pages(databases.of(source.service), { graceSeconds: 0 })) {
    const stored = await counted.find(database, page);
    for (const state of page.filter(each => !isCounted(counter, each, stored.get(keyOf(each))))) {
      if (await countAgain(databases, counter, state)) {
        yield `${counted.service} counts ${keyOf(state)} again`;
      }
    }
  }
  for await (const page of counted.pages(database, { graceSeconds: 0 })) {
    const known = await source.find(databases.of(source.service), page);
    for (const orphan of page.filter(each => !known.has(keyOf(each)))) {
      await database.transaction(tx => counter.forget(tx, orphan));
      yield `${counted.service} no longer counts ${keyOf(orphan)}, which does not exist`;
    }
  }
  yield* sumUpWrong(database, counter);
}

function isCounted<State extends { readonly version: bigint }>(
  { isSame }: Counter<State>,
  state: State,
  stored: State | undefined,
): boolean {
  return stored?.version === state.version && isSame(stored, state);
}

/**
 * A version that is counted may be newer than the page, which was read before. Where it is also newer than the source
 * as read after it, the source was restored to an earlier point; what changed since then and was ignored as outdated is
 * counted after that.
 */
async function countAgain<State extends { readonly version: bigint }>(
  databases: Databases,
  { source, counted, keyOf, count }: Counter<State>,
  state: State,
): Promise<boolean> {
  const database = databases.of(counted.service);
  const replace = (by: State, replaces: Replaces) => database.transaction(tx => count(tx, by, replaces));
  const readSource = async () =>
    (await source.find(databases.of(source.service), [state])).get(keyOf(state)) ?? state;
  if (await replace(state, "as new")) {
    return true;
  }
  const stored = (await counted.find(database, [state])).get(keyOf(state));
  const present = await readSource();
  if (stored === undefined || stored.version <= present.version) {
    return false;
  }
  await replace(present, "any");
  await replace(await readSource(), "as new");
  return true;
}

const sumsAtOnce = 500;

async function* sumUpWrong<State extends { readonly version: bigint }>(
  database: Database,
  { counted, sums }: Counter<State>,
): AsyncIterable<string> {
  let wrong: readonly bigint[];
  do {
    wrong = await findWrongSums(database, sums, sumsAtOnce);
    for (const id of wrong) {
      await database.transaction(tx => sumUp(tx, sums, id));
      yield `${counted.service} sums up ${id} again`;
    }
  } while (wrong.length === sumsAtOnce);
}
