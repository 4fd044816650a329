import type { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { report } from "../report.ts";
import { requireComment } from "../require-post.ts";

export function reportComment(app: Dependencies): Handler<typeof CommentService.method.reportComment> {
  return async ({ commentId, reason, text }, context) => {
    const { writerId } = await requireComment(app, commentId, context);
    await report(app, { commentId }, writerId, { userId: userIdOf(context), reason, text });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "entitlements" | "isAdministrator">;
