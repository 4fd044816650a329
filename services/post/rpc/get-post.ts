import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { requireReadablePost } from "../require-post.ts";
import { showPost } from "../show-post.ts";

export function getPost(app: Dependencies): Handler<typeof PostService.method.getPost> {
  return async ({ postId }, context) => {
    const { board } = await requireReadablePost(app, postId, context);
    return showPost(app, postId, board, context);
  };
}

type Dependencies = Pick<App, "database" | "entitlements" | "isAdministrator" | "userDirectory">;
