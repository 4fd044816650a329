import type { Queryable } from "#kit/data/database.ts";
import type { Page, PageCursor } from "#kit/data/keyset.ts";
import { findQuestions, type QuestionRow, readNextOnSale } from "./db/questions.ts";
import { listCreatorIds } from "./db/subscriptions.ts";
import { mergeFeed } from "./domain/merge-feed.ts";

/**
 * Reads a page of the feed of a user. It is merged when it is read: a subscription, its end, and a question that is
 * taken off sale show at once, and a publication costs the same however many subscribe. In return a page reads two rows
 * for each creator the user subscribes to, which is why their number is limited.
 */
export async function readFeed(
  from: Queryable,
  userId: bigint,
  { after, limit }: PageCursor,
): Promise<Page<QuestionRow>> {
  const creatorIds = await listCreatorIds(from, userId);
  const positions = await mergeFeed(creatorIds, { after: after?.[0], limit: limit + 1 }, (creators, count) =>
    readNextOnSale(from, creators, count),
  );
  const shown = positions.slice(0, limit);
  const questions = await findQuestions(
    from,
    shown.map(({ questionId }) => questionId),
  );
  const last = shown.at(-1);
  return {
    // One that was taken off sale in the meantime is left out.
    rows: shown.flatMap(({ questionId }) => questions.get(questionId) ?? []).filter(({ onSale }) => onSale),
    nextAfter: positions.length > limit && last !== undefined ? [last.feedKey] : undefined,
  };
}
