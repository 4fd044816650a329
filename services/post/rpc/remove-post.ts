import type { PostAdminService } from "#gen/questioncloud/post/v1/post_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { deleteComment } from "../db/comments.ts";
import { changeCommentCount, deletePost } from "../db/posts.ts";
import { removeLater } from "../db/removed-files.ts";
import { subjectOf } from "../db/reports.ts";
import { lockTarget } from "../lock-target.ts";
import { fromTarget } from "../to-proto.ts";

export function removePost({ database }: Dependencies): Handler<typeof PostAdminService.method.removePost> {
  return (request, context) =>
    database.transaction(async tx => {
      const target = fromTarget(request.target);
      const post = await lockTarget(tx, target);
      if ("postId" in target) {
        await deletePost(tx, target.postId);
        await removeLater(tx, post.files);
      } else {
        await deleteComment(tx, target.commentId);
        await changeCommentCount(tx, post.postId, -1);
      }
      const { reason } = request;
      await writeAudit(tx, context, {
        action: "post.remove",
        subject: subjectOf(target),
        detail: { reason },
      });
      return {};
    });
}

type Dependencies = Pick<App, "database">;
