import type { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { deleteComment as remove } from "../db/comments.ts";
import { changeCommentCount, lockPost } from "../db/posts.ts";
import { notFound } from "../failures.ts";
import { requireOwnComment } from "../require-post.ts";

export function deleteComment(app: Dependencies): Handler<typeof CommentService.method.deleteComment> {
  return async ({ commentId }, context) => {
    const { postId } = await requireOwnComment(app, commentId, context);
    await app.database.transaction(async tx => {
      // The post is locked first, as where it is deleted with its comments.
      await lockPost(tx, postId);
      if (!(await remove(tx, commentId))) {
        throw notFound();
      }
      await changeCommentCount(tx, postId, -1);
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "entitlements" | "isAdministrator">;
