import { expect } from "chai";
import { refusalOf } from "./clients.ts";

/** What a request for a page says about the page. */
interface PageRequest {
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** The ids on a page, and the token of the next one. */
interface ReadPage<Id> {
  readonly ids: readonly Id[];
  readonly nextPageToken: string;
}

/** A list of which the caller may read pages. */
export type ReadList<Id = bigint> = (request: PageRequest) => Promise<ReadPage<Id>>;

/** The ids on all pages, in order; a page may be shorter than asked for, even empty, before the last. */
export async function walkPages<Id>(
  read: ReadList<Id>,
  pageSize = 2,
  afterPage = async () => {},
): Promise<Id[]> {
  const seen: Id[] = [];
  let pageToken = "";
  do {
    const page = await read({ pageSize, pageToken });
    expect(page.ids.length, "no page is longer than asked for").to.be.at.most(pageSize);
    seen.push(...page.ids);
    pageToken = page.nextPageToken;
    await afterPage();
  } while (pageToken !== "");
  return seen;
}

/**
 * Walks a list page by page while rows are removed and added after its first pages, some before and some after the
 * place that the walk has reached: no row is seen twice, and none is skipped that stayed. The list must have some ten
 * rows.
 */
export async function expectStableWalk<Id>({
  read,
  add,
  remove,
}: {
  readonly read: ReadList<Id>;
  /** Adds a row anywhere. */
  readonly add: () => Promise<unknown>;
  /** Absent where nothing leaves the list. */
  readonly remove?: ((id: Id) => Promise<unknown>) | undefined;
}): Promise<void> {
  const rows = await walkPages(read, 100);
  // Of eight, the rows that leave are those that a page lacks where it skips each third.
  expect(rows.length, "rows to walk over").to.be.at.least(9);
  // From both ends: a row that the walk has seen already, and one that it has not.
  const leaving = [rows[0], rows.at(-1), rows[2], rows.at(-3)];
  const removed = new Set<Id>();
  const change = async () => {
    const id = leaving.shift();
    if (id !== undefined) {
      if (remove !== undefined) {
        removed.add(id);
        await remove(id);
      }
      await add();
    }
  };
  const seen = await walkPages(read, 2, change);
  expect(seen, "no row is repeated").to.have.length(new Set(seen).size);
  expect(seen, "no row is skipped").to.include.members(rows.filter(id => !removed.has(id)));
}

/** The rules of every list: its page sizes have limits, and a token is refused where it is forged or of `others`. */
export async function expectPageRules(
  read: ReadList<unknown>,
  others: readonly ReadList<unknown>[],
): Promise<void> {
  expect((await refusalOf(read({ pageSize: -1 }))).reason).to.equal("BAD_REQUEST");
  expect((await read({ pageSize: 2_000_000_000 })).ids.length).to.be.at.most(100);
  const { nextPageToken } = await read({ pageSize: 1 });
  expect(nextPageToken, "a list of several rows").not.to.equal("");
  const forged = (pageToken: string) => [read, pageToken] as const;
  const requests = [
    forged("forged"),
    forged(`A${nextPageToken}`),
    ...others.map(other => [other, nextPageToken] as const),
  ];
  for (const [list, pageToken] of requests) {
    const refused = await refusalOf(list({ pageToken }));
    expect(refused).to.include({ reason: "INVALID_PAGE_TOKEN", code: "InvalidArgument" });
  }
}
