import type { ReportReason } from "#gen/questioncloud/review/v1/review_pb.ts";
import type { App } from "./app.ts";
import { insertReport, type ReportTarget } from "./db/reports.ts";
import { alreadyReported, ownPost } from "./failures.ts";
import { lockTarget } from "./lock-target.ts";

/** Reports what another user wrote. */
export async function report(
  { database }: Pick<App, "database">,
  target: ReportTarget,
  writerId: bigint,
  { userId, reason, text }: { userId: bigint; reason: ReportReason; text: string },
): Promise<void> {
  if (writerId === userId) {
    throw ownPost();
  }
  await database.transaction(async tx => {
    await lockTarget(tx, target);
    if (!(await insertReport(tx, target, { userId, reason, text }))) {
      throw alreadyReported();
    }
  });
}
