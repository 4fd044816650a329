import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Tx } from "#kit/database.ts";
import type { Handler } from "#kit/route.ts";
import { toEditable } from "../answers.ts";
import { invalidFile, notFound, uploadNotFound } from "../failures.ts";
import { newFinalKey, stagingKey } from "../file-keys.ts";
import { withFile } from "../file-set.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { type Authorship, findAuthored, lockAuthored } from "../store/authored.ts";
import type { Files } from "../store/files.ts";
import { type AnnouncedUpload, closeUpload, findUpload } from "../store/uploads.ts";
import { writeVersion } from "../store/versions.ts";
import { differenceOf, type FoundFile } from "../uploaded-file.ts";

export function finishUpload({
  database,
  files,
}: Dependencies): Handler<typeof CatalogService.method.finishUpload> {
  return async ({ creatorId, questionId, uploadId: sentId }) => {
    const authorship = { creatorId, questionId };
    const upload = await findUpload(database, sentId.toLowerCase(), authorship);
    if (upload === undefined) {
      throw notFound();
    }
    if (upload.state === "OPEN") {
      const key = await takeIn(upload, files);
      await database.transaction(tx => accept(tx, authorship, upload, key));
    }
    const question = await findAuthored(database, authorship);
    if (question === undefined) {
      throw notFound();
    }
    return { question: await toEditable(question, files) };
  };
}

/** Copies the file to a key that no client can write to and judges the copy; the look before only saves copies. */
async function takeIn(upload: AnnouncedUpload, files: Files): Promise<string> {
  const from = stagingKey(upload.uploadId);
  const to = newFinalKey(upload);
  requireAnnounced(upload, await files.look(from));
  if (!(await files.copy(from, to))) {
    throw uploadNotFound();
  }
  requireAnnounced(upload, await files.look(to));
  return to;
}

function requireAnnounced(upload: AnnouncedUpload, found: FoundFile | undefined): void {
  if (found === undefined) {
    throw uploadNotFound();
  }
  const cause = differenceOf(upload, found);
  if (cause !== undefined) {
    throw invalidFile(cause);
  }
}

async function accept(tx: Tx, authorship: Authorship, upload: AnnouncedUpload, key: string): Promise<void> {
  const current = await lockAuthored(tx, authorship);
  if (current === undefined) {
    throw notFound();
  }
  if (!(await closeUpload(tx, upload.uploadId, key))) {
    return;
  }
  const { kind, contentType, sizeBytes } = upload;
  const files = withFile(current.files, { kind, key, contentType, sizeBytes });
  if (!(await writeVersion(tx, current, { content: current.content, files }))) {
    throw new Error("a locked question was changed");
  }
}

type Dependencies = Pick<QuestionFloor, "database" | "files">;
