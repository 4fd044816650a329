import type { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import { insertUpload } from "#kit/files/uploads.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { requireBoard } from "../require-board.ts";

export function createUpload(app: Dependencies): Handler<typeof PostService.method.createUpload> {
  const { database, files, config } = app;
  return async ({ questionId, contentType, sizeBytes }, context) => {
    await requireBoard(app, questionId, context);
    const spec = { contentType, sizeBytes: Number(sizeBytes) };
    const upload = { ownerId: userIdOf(context), kind: 0, ...spec };
    const uploadId = await database.transaction(tx => insertUpload(tx, upload, config.files));
    return { upload: await files.toUpload(uploadId, spec) };
  };
}

type Dependencies = Pick<App, "database" | "files" | "config" | "entitlements">;
