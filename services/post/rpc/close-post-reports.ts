import type { PostAdminService } from "#gen/questioncloud/post/v1/post_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { closeReports, subjectOf } from "../db/reports.ts";
import { lockTarget } from "../lock-target.ts";
import { fromTarget } from "../to-proto.ts";

export function closePostReports({
  database,
}: Dependencies): Handler<typeof PostAdminService.method.closePostReports> {
  return (request, context) =>
    database.transaction(async tx => {
      const target = fromTarget(request.target);
      await lockTarget(tx, target);
      await closeReports(tx, target);
      const { reason } = request;
      await writeAudit(tx, context, { action: "post.keep", subject: subjectOf(target), detail: { reason } });
      return {};
    });
}

type Dependencies = Pick<App, "database">;
