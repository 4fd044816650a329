import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { stagingKey } from "../db/file-keys.ts";
import { insertUpload } from "../db/uploads.ts";
import { requireAuthored } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";
import { fromFileSpec } from "../to-proto.ts";

export function createUpload(app: Dependencies): Handler<typeof AuthoringService.method.createUpload> {
  const { database, files, config } = app;
  const lifetimeMs = config.files.uploadLifetimeSeconds * 1000;
  return async ({ questionId, file }, context) => {
    const creatorId = await requireCreator(app, context);
    const spec = fromFileSpec(file);
    const uploadId = uuidv7();
    const expireMs = Date.now() + lifetimeMs;
    await database.transaction(async tx => {
      await requireAuthored(tx, { creatorId, questionId });
      await insertUpload(tx, { uploadId, questionId, ...spec }, lifetimeMs);
    });
    const url = await files.uploadUrl(stagingKey(uploadId), spec);
    const headers = { "content-type": spec.contentType };
    return { upload: { uploadId, url, headers, expireTime: timestampFromMs(expireMs) } };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files" | "config">;
