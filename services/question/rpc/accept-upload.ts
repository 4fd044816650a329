import type { AuthoringService, FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import { copyChecked, findUpload, markAccepted, storeCopies, type Upload } from "#kit/files/uploads.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import type { Authorship } from "../db/authored.ts";
import { insertNextVersion } from "../db/versions.ts";
import { withFile } from "../domain/file-set.ts";
import { notFound } from "../failures.ts";
import { requireAuthored, requireLocked } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";
import { reviewAgain } from "../review-again.ts";
import { toEditableQuestion } from "../to-proto.ts";

export function acceptUpload(app: Dependencies): Handler<typeof AuthoringService.method.acceptUpload> {
  const { database, files } = app;
  return async ({ questionId, uploadId }, context) => {
    const authorship = { creatorId: await requireCreator(app, context), questionId };
    await requireAuthored(database, authorship);
    const upload = await findUpload(database, uploadId, questionId);
    if (upload === undefined) {
      throw notFound();
    }
    if (upload.state === "OPEN") {
      const key = await copyChecked(files, upload);
      const store = async (tx: Tx) => {
        if (await accept(tx, authorship, upload, key)) {
          await reviewAgain(app, tx, questionId);
        }
      };
      await storeCopies(app, [{ uploadId, key }], () => database.transaction(store));
    }
    const question = await requireAuthored(database, authorship);
    return { question: await toEditableQuestion(question, files) };
  };
}

/** Adds the file to the question. Returns false where another call was faster. */
async function accept(tx: Tx, authorship: Authorship, upload: Upload, key: string): Promise<boolean> {
  const current = await requireLocked(tx, authorship);
  if (!(await markAccepted(tx, upload.uploadId, key))) {
    return false;
  }
  const { kind, contentType, sizeBytes } = upload;
  const files = withFile(current.files, { kind: kind as FileKind, key, contentType, sizeBytes });
  if (!(await insertNextVersion(tx, current, { content: current, files }))) {
    throw new Error("a locked question was changed");
  }
  return true;
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files" | "config" | "outbox" | "search">;
