import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { readPublicUsers } from "#kit/rpc/public-users.ts";
import type { App } from "../app.ts";
import { listPosts } from "../db/posts.ts";
import { readQuestions } from "../read-questions.ts";
import { toPostSummary } from "../to-proto.ts";

export function listCreatorPosts(app: Dependencies): Handler<typeof PostService.method.listCreatorPosts> {
  const { database, pageTokens, creatorDirectory, userDirectory } = app;
  return async (request, context) => {
    const { creator } = await creatorDirectory.getCreatorOfUser({ userId: userIdOf(context) }, context);
    const creatorId = creator?.creatorId ?? 0n;
    const { rows, nextPageToken } = await pageTokens.readPage(["creator-posts", creatorId], request, page =>
      listPosts(database, "creator", creatorId, page),
    );
    const writerIds = rows.map(({ writerId }) => writerId);
    const [writers, questions] = await Promise.all([
      readPublicUsers(userDirectory, writerIds, context),
      readQuestions(app, rows, context),
    ]);
    return { posts: rows.map(row => toPostSummary(row, writers, questions)), nextPageToken };
  };
}

type Dependencies = Pick<
  App,
  "database" | "pageTokens" | "creatorDirectory" | "entitlements" | "userDirectory"
>;
