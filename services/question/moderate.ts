import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ModeratedQuestionSchema } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Tx } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { findModerated, lockModerated, type ModeratedRow } from "./db/moderated.ts";
import { editConflict, notFound, wrongQuestionState } from "./failures.ts";
import { toModeratedQuestion } from "./to-proto.ts";

/** What a moderator decides about a question. */
interface Decision {
  /** For the audit log, for example `question.approve`. */
  readonly action: string;
  readonly questionId: bigint;
  /** The version that was reviewed; undefined where the decision is about any. */
  readonly version?: number;
  readonly reason: string;
  /** Changes the state; returns false where the question is in no state that allows it. */
  readonly apply: (tx: Tx, current: ModeratedRow) => Promise<boolean>;
}

/** Applies a decision and records it. Returns the question as it is then. */
export async function moderate(
  { database, files }: Pick<App, "database" | "files">,
  context: WorkContext,
  { action, questionId, version, reason, apply }: Decision,
): Promise<{ question: MessageInitShape<typeof ModeratedQuestionSchema> }> {
  const decided = await database.transaction(async tx => {
    const current = found(await lockModerated(tx, questionId));
    if (version !== undefined && version !== current.version) {
      throw editConflict();
    }
    if (!(await apply(tx, current))) {
      throw wrongQuestionState(current.state);
    }
    const detail = { version: current.version.toString(), reason };
    await writeAudit(tx, context, { action, subject: questionId.toString(), detail });
    return found(await findModerated(tx, questionId));
  });
  return { question: await toModeratedQuestion(decided, files) };
}

function found(question: ModeratedRow | undefined): ModeratedRow {
  if (question === undefined) {
    throw notFound();
  }
  return question;
}
