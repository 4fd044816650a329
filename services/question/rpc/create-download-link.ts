import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findOwnedVersion, recordDownload } from "../db/entitlements.ts";
import { downloadName } from "../domain/download-name.ts";
import { fileOf } from "../domain/file-set.ts";
import { notFound, questionNotOwned } from "../failures.ts";

export function createDownloadLink({
  database,
  files,
  config,
}: Dependencies): Handler<typeof LibraryService.method.createDownloadLink> {
  return async ({ questionId, explanation }, context) => {
    const owned = await findOwnedVersion(database, userIdOf(context), questionId);
    if (owned === undefined) {
      throw questionNotOwned(questionId);
    }
    const file = fileOf(owned.files, explanation ? FileKind.EXPLANATION : FileKind.QUESTION);
    if (file === undefined) {
      throw notFound();
    }
    // Recorded before the URL is returned, because a client that has it may open the file.
    if (!(await recordDownload(database, owned.entitlementId))) {
      throw questionNotOwned(questionId);
    }
    const expireMs = Date.now() + config.files.linkLifetimeSeconds * 1000;
    const url = await files.downloadUrl(file.key, downloadName(owned.title, { explanation }));
    return { url, expireTime: timestampFromMs(expireMs) };
  };
}

type Dependencies = Pick<App, "database" | "files" | "config">;
