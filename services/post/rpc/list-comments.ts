import type { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { readPublicUsers } from "#kit/rpc/public-users.ts";
import type { App } from "../app.ts";
import { listComments as readComments } from "../db/comments.ts";
import { requireReadablePost } from "../require-post.ts";
import { toComment } from "../to-proto.ts";

export function listComments(app: Dependencies): Handler<typeof CommentService.method.listComments> {
  const { database, pageTokens, userDirectory } = app;
  return async (request, context) => {
    const { postId } = request;
    await requireReadablePost(app, postId, context);
    const { rows, nextPageToken } = await pageTokens.readPage(["comments", postId], request, page =>
      readComments(database, postId, page),
    );
    const writerIds = rows.map(({ writerId }) => writerId);
    const writers = await readPublicUsers(userDirectory, writerIds, context);
    return { comments: rows.map(row => toComment(row, writers, userIdOf(context))), nextPageToken };
  };
}

type Dependencies = Pick<
  App,
  "database" | "pageTokens" | "entitlements" | "isAdministrator" | "userDirectory"
>;
