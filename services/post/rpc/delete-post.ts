import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { deletePost as remove } from "../db/posts.ts";
import { notFound } from "../failures.ts";
import { requireOwnPost } from "../require-post.ts";

export function deletePost(app: Dependencies): Handler<typeof PostService.method.deletePost> {
  return async ({ postId }, context) => {
    const { post } = await requireOwnPost(app, postId, context);
    if (!(await remove(app.database, postId, post.writerId))) {
      throw notFound();
    }
    return {};
  };
}

type Dependencies = Pick<App, "database" | "entitlements">;
