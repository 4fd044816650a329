import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { report } from "../report.ts";
import { requirePost } from "../require-post.ts";

export function reportPost(app: Dependencies): Handler<typeof PostService.method.reportPost> {
  return async ({ postId, reason, text }, context) => {
    const { post } = await requirePost(app, postId, context);
    await report(app, { postId }, post.writerId, { userId: userIdOf(context), reason, text });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "entitlements" | "isAdministrator">;
