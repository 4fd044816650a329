import type { Connection } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { type Board, openBoard } from "../market/boards.ts";
import { type Buyer, createMarket, type Market } from "../market/market.ts";
import { expectPageRules, expectStableWalk, type ReadList, walkPages } from "../rpc/walk-pages.ts";

/** Whose rows the walks of lists are over. */
export interface Walkers {
  readonly stack: Stack;
  readonly sql: Connection;
  readonly board: Board;
  /** Has as many questions as a walk adds rows. */
  readonly market: Market;
  readonly buyer: Buyer;
  readonly other: Buyer;
}

/** Walks over lists, by the names of their methods. */
export type Walks = Readonly<Record<string, (walkers: Walkers) => Promise<void>>>;

// Not eight, of which a walk in twos that skips every third row would skip just those that leave.
const rowsAtFirst = 9;

/** Those at first, and one for each that leaves. */
export const rowsOfWalk = rowsAtFirst + 4;

export async function openWalkers(stack: Stack): Promise<Walkers> {
  const board = await openBoard(stack);
  const admin = Promise.resolve(board.market.admin);
  const market = await createMarket(stack, { questionCount: rowsOfWalk, admin });
  const [buyer, other] = await Promise.all([market.createBuyer(), market.createBuyer()]);
  const sql = await connectAdmin(stack.mariadb.url);
  return { stack, sql, board, market, buyer, other };
}

/** A list by its method, and the ids on its pages. */
export function listOf<Page extends { nextPageToken: string }, Id>(
  list: (request: object) => Promise<Page>,
  idsOf: (page: Page) => Id[],
): ReadList<Id> {
  return async request => {
    const page = await list(request);
    return { ids: idsOf(page), nextPageToken: page.nextPageToken };
  };
}

/** How a list is read and changed. */
interface Walk<Id> {
  readonly read: ReadList<Id>;
  readonly add: () => Promise<unknown>;
  /** Absent where nothing leaves the list. */
  readonly remove?: ((id: Id) => Promise<unknown>) | undefined;
  /** Lists that refuse the tokens of this one: of another user, or of other arguments. */
  readonly others: readonly ReadList<unknown>[];
}

/** Of a list of the rows of all users. */
interface OwnWalk<Id> extends Walk<Id> {
  /** Returns the id of the row. */
  readonly add: () => Promise<Id>;
}

/** Adds rows to a list, and walks it while they come and go. */
export async function walkList<Id>({ read, add, remove, others }: Walk<Id>): Promise<void> {
  for (let count = 0; count < rowsAtFirst; count++) {
    await add();
  }
  await expectStableWalk({ read, add, remove });
  await expectPageRules(read, others);
}

/**
 * The same in a list of the rows of all users, of which only those that were added count; in the end they leave it, so
 * that other suites do not find them.
 */
export async function walkOwn<Id>({ read, add, remove, others }: OwnWalk<Id>): Promise<void> {
  const own = new Set<Id>();
  const readOwn: ReadList<Id> = async request => {
    const { ids, nextPageToken } = await read(request);
    return { ids: ids.filter(id => own.has(id)), nextPageToken };
  };
  await walkList({ read: readOwn, add: async () => own.add(await add()), remove, others });
  for (const id of remove === undefined ? [] : await walkPages(readOwn, 100)) {
    await remove?.(id);
  }
}
