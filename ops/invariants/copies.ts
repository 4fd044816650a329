import { isDeepStrictEqual } from "node:util";
import type { Database } from "#kit/data/database.ts";
import type { Join } from "./join.ts";

/** What a service stores of the objects of another one, from its events. */
interface Copies<Fact extends { readonly version: bigint }> {
  /** Names the invariant, after its number. */
  readonly title: string;
  /** The service that stores copies. */
  readonly holder: string;
  /** The service that they are of. */
  readonly owner: string;
  /** What one of them is, for example `creator`. */
  readonly what: string;
  readonly idOf: (fact: Fact) => bigint;
  readonly readCopies: (holder: Database) => AsyncIterable<Fact[]>;
  /** Reads what `readCopies` reads of them, by id. */
  readonly readOriginals: (owner: Database, ids: readonly bigint[]) => Promise<ReadonlyMap<bigint, Fact>>;
}

/** Every copy equals that version of its original. */
export function joinCopies<Fact extends { readonly version: bigint }>(copies: Copies<Fact>): Join {
  const { title, holder, owner, what, idOf, readCopies, readOriginals } = copies;
  return {
    name: `I7 ${title}`,
    services: [owner, holder],
    config: {},
    async *check({ databases }) {
      for await (const page of readCopies(databases.of(holder))) {
        const originals =
          page.length === 0 ? new Map() : await readOriginals(databases.of(owner), page.map(idOf));
        for (const known of page) {
          yield* compare(known, originals.get(idOf(known)));
        }
      }
    },
  };

  function* compare(known: Fact, original: Fact | undefined): Iterable<string> {
    const id = idOf(known);
    if (original === undefined) {
      yield `${holder} knows ${what} ${id}, which does not exist`;
    } else if (known.version > original.version) {
      yield `${holder} knows version ${known.version} of ${what} ${id}, which is at ${original.version}`;
    } else if (known.version === original.version && !isCopy(known, original)) {
      yield `${holder} knows another version ${known.version} of ${what} ${id}`;
    }
  }
}

function isCopy(known: object, original: object): boolean {
  const columns = Object.keys(original) as (keyof typeof original)[];
  return columns.every(column => isDeepStrictEqual(known[column], original[column]));
}
