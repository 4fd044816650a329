import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { readPublicUsers } from "#kit/rpc/public-users.ts";
import type { App } from "../app.ts";
import { listPostsBy } from "../db/posts.ts";
import { readQuestions } from "../read-questions.ts";
import { toPost } from "../to-proto.ts";

export function listOwnPosts(app: Dependencies): Handler<typeof PostService.method.listOwnPosts> {
  const { database, pageTokens, userDirectory } = app;
  return async (request, context) => {
    const writerId = userIdOf(context);
    const { rows, nextPageToken } = await pageTokens.readPage(["own-posts", writerId], request, page =>
      listPostsBy(database, writerId, page),
    );
    const [writers, questions] = await Promise.all([
      readPublicUsers(userDirectory, [writerId], context),
      readQuestions(app, rows, context),
    ]);
    const posts = rows.map(row => toPost(row, questions.get(row.questionId), writers, writerId));
    return { posts, nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "entitlements" | "userDirectory">;
