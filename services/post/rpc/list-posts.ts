import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { readPublicUsers } from "#kit/rpc/public-users.ts";
import type { App } from "../app.ts";
import { listPosts as readPosts } from "../db/posts.ts";
import { requireBoard } from "../require-board.ts";
import { toPostSummary } from "../to-proto.ts";

export function listPosts(app: Dependencies): Handler<typeof PostService.method.listPosts> {
  const { database, pageTokens, userDirectory } = app;
  return async (request, context) => {
    const { questionId } = request;
    await requireBoard(app, questionId, context);
    const { rows, nextPageToken } = await pageTokens.readPage(["posts", questionId], request, page =>
      readPosts(database, "question", questionId, page),
    );
    const writerIds = rows.map(({ writerId }) => writerId);
    const writers = await readPublicUsers(userDirectory, writerIds, context);
    return { posts: rows.map(row => toPostSummary(row, writers)), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "entitlements" | "userDirectory">;
