import type { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { updateComment as replaceBody } from "../db/comments.ts";
import { editConflict } from "../failures.ts";
import { requireOwnComment } from "../require-post.ts";
import { showComment } from "../show-comment.ts";

export function updateComment(app: Dependencies): Handler<typeof CommentService.method.updateComment> {
  return async ({ commentId, version, body }, context) => {
    await requireOwnComment(app, commentId, context);
    if (!(await replaceBody(app.database, { commentId, version }, body))) {
      throw editConflict();
    }
    return showComment(app, commentId, context);
  };
}

type Dependencies = Pick<App, "database" | "entitlements" | "isAdministrator" | "userDirectory">;
