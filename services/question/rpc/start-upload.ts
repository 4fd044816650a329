import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Handler } from "#kit/route.ts";
import { notFound } from "../failures.ts";
import { stagingKey } from "../file-keys.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findAuthored } from "../store/authored.ts";
import { insertUpload } from "../store/uploads.ts";

export function startUpload({
  database,
  files,
  questionConfig,
}: Dependencies): Handler<typeof CatalogService.method.startUpload> {
  return async ({ creatorId, questionId, file }) => {
    if (file === undefined) {
      throw new TypeError("the contract requires a file");
    }
    const { kind, contentType } = file;
    const sizeBytes = Number(file.sizeBytes);
    const uploadId = uuidv7();
    const lifetimeSeconds = questionConfig.QUESTION_UPLOAD_LIFETIME_SECONDS;
    const expireMs = Date.now() + lifetimeSeconds * 1000;
    await database.transaction(async tx => {
      if ((await findAuthored(tx, { creatorId, questionId })) === undefined) {
        throw notFound();
      }
      await insertUpload(tx, { uploadId, questionId, kind, contentType, sizeBytes }, lifetimeSeconds);
    });
    const url = await files.uploadAddress(stagingKey(uploadId), { contentType, sizeBytes });
    const headers = { "content-type": contentType };
    return { upload: { uploadId, url, headers, expireTime: timestampFromMs(expireMs) } };
  };
}

type Dependencies = Pick<QuestionFloor, "database" | "files" | "questionConfig">;
