import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { LibraryService } from "#gen/questioncloud/question/v1/question_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Handler } from "#kit/route.ts";
import { downloadName } from "../download-name.ts";
import { notFound, notOwned } from "../failures.ts";
import { fileOf } from "../file-set.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findOwnedVersion, recordDownload } from "../store/entitlements.ts";

export function createDownloadLink({
  database,
  files,
  questionConfig,
}: Dependencies): Handler<typeof LibraryService.method.createDownloadLink> {
  return async ({ questionId, explanation }, context) => {
    const owned = await findOwnedVersion(database, userIdOf(context), questionId);
    if (owned === undefined) {
      throw notOwned(questionId);
    }
    const file = fileOf(owned.files, explanation ? FileKind.EXPLANATION : FileKind.QUESTION);
    if (file === undefined) {
      throw notFound();
    }
    // Recorded before the address is given out: who has it may open the file.
    if (!(await recordDownload(database, owned.entitlementId))) {
      throw notOwned(questionId);
    }
    const expireMs = Date.now() + questionConfig.QUESTION_LINK_LIFETIME_SECONDS * 1000;
    const url = await files.downloadAddress(file.key, downloadName(owned.title, { explanation }));
    return { url, expireTime: timestampFromMs(expireMs) };
  };
}

type Dependencies = Pick<QuestionFloor, "database" | "files" | "questionConfig">;
