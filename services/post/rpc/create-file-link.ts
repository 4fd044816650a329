import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { notFound } from "../failures.ts";
import { requireReadablePost } from "../require-post.ts";

export function createFileLink(app: Dependencies): Handler<typeof PostService.method.createFileLink> {
  const { files, config } = app;
  return async ({ postId, uploadId }, context) => {
    const { post } = await requireReadablePost(app, postId, context);
    const file = post.files.find(each => each.uploadId === uploadId);
    if (file === undefined) {
      throw notFound();
    }
    const expireMs = Date.now() + config.files.linkLifetimeSeconds * 1000;
    return { url: await files.downloadUrl(file.key, file.name), expireTime: timestampFromMs(expireMs) };
  };
}

type Dependencies = Pick<App, "database" | "files" | "config" | "entitlements" | "isAdministrator">;
