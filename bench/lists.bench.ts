import type { Database } from "#kit/data/database.ts";
import type { PageCursor } from "#kit/data/keyset.ts";
import { costOf, indexesOf } from "#test/support/data/rows-read.ts";
import { ofCoupons, ofPoints, ofPurchases } from "./lists/of-money.ts";
import { ofPosts } from "./lists/of-posts.ts";
import { ofQuestions, ofReviews, ofSubscriptions } from "./lists/of-readers.ts";
import type { ReadPage } from "./lists/room.ts";
import { openServiceDatabase } from "./open-database.ts";
import { printRow, ratio, timeOf } from "./report.ts";

// Every list that is not in `store-lists`, `review-lists` or `feed`, with a tenth of a million rows in it, or of as
// many as the argument says: rows read for each row shown, time, and the indexes that EXPLAIN names, on the first page
// and on the one after nine of ten rows.
const total = Number(process.argv[3] ?? 1_000_000);
const pageRows = 20;
const rooms = [ofCoupons, ofPoints, ofPurchases, ofQuestions, ofReviews, ofSubscriptions, ofPosts];

printRow(["list", "page", "shown", "rows/shown", "ms", "indexes"]);
for (const room of rooms) {
  const { database, close } = await openServiceDatabase(room.service, {
    innodb_buffer_pool_size: "1G",
    innodb_log_file_size: "512M",
    innodb_flush_log_at_trx_commit: "2",
  });
  try {
    process.stderr.write(`loading ${room.service}\n`);
    await room.load(database, total);
    for (const [name, read] of Object.entries(room.lists)) {
      await measure(database, name, read);
    }
  } finally {
    await close();
  }
}

async function measure(database: Database, name: string, read: ReadPage): Promise<void> {
  const deep = await placeAtNineTenths(database, read);
  const pages: readonly (readonly [string, PageCursor])[] = [
    ["first", { after: undefined, limit: pageRows }],
    ...(deep === undefined ? [] : [["at 90 %", { after: deep, limit: pageRows }] as const]),
  ];
  for (const [place, page] of pages) {
    let shown = 0;
    const cost = await costOf(database, async tx => {
      shown = (await read(tx, page)).rows.length;
    });
    const indexes = await database.transaction(tx =>
      indexesOf(tx, from => read({ ...tx, query: from.query }, page)),
    );
    const ms = await timeOf(() => database.transaction(tx => read(tx, page)));
    printRow([name, place, shown, ratio(cost, shown), ms, indexes]);
  }
}

/** The keys of the row before which nine tenths of a list come; undefined for a list of one page. */
async function placeAtNineTenths(database: Database, read: ReadPage): Promise<readonly string[] | undefined> {
  const limit = Math.max(pageRows, Math.floor(total / 1000));
  const places: (readonly string[])[] = [];
  let after: readonly string[] | undefined;
  do {
    ({ nextAfter: after } = await database.transaction(tx => read(tx, { after, limit })));
    places.push(...(after === undefined ? [] : [after]));
  } while (after !== undefined);
  return places[Math.floor(places.length * 0.9)];
}
