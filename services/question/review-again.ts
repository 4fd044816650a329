import type { Tx } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { changeState } from "./publish-change.ts";

/**
 * Where questions are reviewed first, takes one that was changed off sale until it is approved. Returns false where it
 * was not on sale, or is still.
 */
export async function reviewAgain(
  app: Pick<App, "config" | "outbox" | "search">,
  tx: Tx,
  questionId: bigint,
): Promise<boolean> {
  return (
    app.config.review.required &&
    (await changeState(app, tx, questionId, { from: ["PUBLISHED"], to: "IN_REVIEW" }))
  );
}
