import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { lockPinned, pinPost as setPinned } from "../db/posts.ts";
import { notFound, tooManyPinnedPosts } from "../failures.ts";
import { requirePost } from "../require-post.ts";
import { showPost } from "../show-post.ts";

const maxPinned = 3;

export function pinPost(app: Dependencies): Handler<typeof PostService.method.pinPost> {
  return async ({ postId, pinned }, context) => {
    const { post, board } = await requirePost(app, postId, context);
    if (!board.authored) {
      throw notFound();
    }
    await app.database.transaction(async tx => {
      await setPinned(tx, postId, pinned);
      if ((await lockPinned(tx, post.questionId)).length > maxPinned) {
        throw tooManyPinnedPosts(maxPinned);
      }
    });
    return showPost(app, postId, board, context);
  };
}

type Dependencies = Pick<App, "database" | "entitlements" | "isAdministrator" | "userDirectory">;
