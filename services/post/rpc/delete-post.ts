import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { lockPost, deletePost as remove } from "../db/posts.ts";
import { removeLater } from "../db/removed-files.ts";
import { notFound } from "../failures.ts";
import { requireOwnPost } from "../require-post.ts";

export function deletePost(app: Dependencies): Handler<typeof PostService.method.deletePost> {
  return async ({ postId }, context) => {
    await requireOwnPost(app, postId, context);
    await app.database.transaction(async tx => {
      const post = await lockPost(tx, postId);
      if (post === undefined) {
        throw notFound();
      }
      await remove(tx, postId);
      await removeLater(tx, post.files);
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "entitlements" | "isAdministrator">;
