import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import type { Authorship } from "../db/authored.ts";
import { newFinalKey, stagingKey } from "../db/file-keys.ts";
import type { Files } from "../db/files.ts";
import { findUpload, acceptUpload as markAccepted } from "../db/uploads.ts";
import { insertNextVersion } from "../db/versions.ts";
import { withFile } from "../domain/file-set.ts";
import type { Upload } from "../domain/upload.ts";
import { differenceOf, type FoundFile } from "../domain/uploaded-file.ts";
import { invalidFile, notFound, uploadNotFound } from "../failures.ts";
import { requireAuthored, requireLocked } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";
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
      const key = await copyChecked(upload, files);
      await database.transaction(tx => accept(tx, authorship, upload, key));
    }
    const question = await requireAuthored(database, authorship);
    return { question: await toEditableQuestion(question, files) };
  };
}

/** Copies the file to a key that no client can write to and checks the copy; the first check only saves copies. */
async function copyChecked(upload: Upload, files: Files): Promise<string> {
  const from = stagingKey(upload.uploadId);
  const to = newFinalKey(upload);
  requireAsSpecified(upload, await files.inspect(from));
  if (!(await files.copy(from, to))) {
    throw uploadNotFound();
  }
  requireAsSpecified(upload, await files.inspect(to));
  return to;
}

function requireAsSpecified(upload: Upload, found: FoundFile | undefined): void {
  if (found === undefined) {
    throw uploadNotFound();
  }
  const cause = differenceOf(upload, found);
  if (cause !== undefined) {
    throw invalidFile(cause);
  }
}

async function accept(tx: Tx, authorship: Authorship, upload: Upload, key: string): Promise<void> {
  const current = await requireLocked(tx, authorship);
  if (!(await markAccepted(tx, upload.uploadId, key))) {
    return;
  }
  const { kind, contentType, sizeBytes } = upload;
  const files = withFile(current.files, { kind, key, contentType, sizeBytes });
  if (!(await insertNextVersion(tx, current, { content: current, files }))) {
    throw new Error("a locked question was changed");
  }
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files">;
