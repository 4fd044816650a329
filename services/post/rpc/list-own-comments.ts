import type { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { readPublicUsers } from "#kit/rpc/public-users.ts";
import type { App } from "../app.ts";
import { listCommentsBy } from "../db/comments.ts";
import { toComment } from "../to-proto.ts";

export function listOwnComments(app: Dependencies): Handler<typeof CommentService.method.listOwnComments> {
  const { database, pageTokens, userDirectory } = app;
  return async (request, context) => {
    const writerId = userIdOf(context);
    const { rows, nextPageToken } = await pageTokens.readPage(["own-comments", writerId], request, page =>
      listCommentsBy(database, writerId, page),
    );
    const writers = await readPublicUsers(userDirectory, [writerId], context);
    return { comments: rows.map(row => toComment(row, writers, writerId)), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "userDirectory">;
