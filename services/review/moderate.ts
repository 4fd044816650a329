import type { Context } from "#kit/contract/context.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { App } from "./app.ts";
import { closeReports, findModerated, type ModeratedReview } from "./db/moderation.ts";
import { lockReview } from "./db/reviews.ts";
import { reviewNotFound } from "./failures.ts";
import { moveReview } from "./review-changes.ts";

/** Hides or shows a review, closes its reports, and writes that to the audit log. */
export function moderate(
  app: Pick<App, "database" | "outbox">,
  context: Context,
  { reviewId, to, reason }: { reviewId: bigint; to: "HIDDEN" | "SHOWN"; reason: string },
): Promise<ModeratedReview> {
  return app.database.transaction(async tx => {
    const review = await lockReview(tx, reviewId);
    if (review === undefined) {
      throw reviewNotFound();
    }
    if (review.state === to) {
      await closeReports(tx, reviewId);
    } else {
      await moveReview(app, tx, review, to);
    }
    const action = to === "HIDDEN" ? "review.hide" : "review.restore";
    await writeAudit(tx, context, { action, subject: reviewId.toString(), detail: { reason } });
    const moderated = await findModerated(tx, reviewId);
    if (moderated === undefined) {
      throw reviewNotFound();
    }
    return moderated;
  });
}
