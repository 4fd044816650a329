import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { insertUpload } from "#kit/files/uploads.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { requireAuthored } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";
import { fromFileSpec } from "../to-proto.ts";

export function createUpload(app: Dependencies): Handler<typeof AuthoringService.method.createUpload> {
  const { database, files, config } = app;
  return async ({ questionId, file }, context) => {
    const creatorId = await requireCreator(app, context);
    const spec = fromFileSpec(file);
    const uploadId = await database.transaction(async tx => {
      await requireAuthored(tx, { creatorId, questionId });
      return insertUpload(tx, { ownerId: questionId, ...spec }, config.files);
    });
    return { upload: await files.toUpload(uploadId, spec) };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files" | "config">;
