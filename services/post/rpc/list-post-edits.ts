import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listEdits } from "../db/post-edits.ts";
import { requireReadablePost } from "../require-post.ts";
import { toPostEdit } from "../to-proto.ts";

export function listPostEdits(app: Dependencies): Handler<typeof PostService.method.listPostEdits> {
  const { database, pageTokens } = app;
  return async (request, context) => {
    const { postId } = request;
    await requireReadablePost(app, postId, context);
    const { rows, nextPageToken } = await pageTokens.readPage(["post-edits", postId], request, page =>
      listEdits(database, postId, page),
    );
    return { edits: rows.map(toPostEdit), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "entitlements" | "isAdministrator">;
