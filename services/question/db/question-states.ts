import type { Tx } from "#kit/data/database.ts";
import { raw } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";
import { type QuestionState, questionTransitions } from "../domain/question.ts";

/** A change of state; the reason is for the creator. */
export interface StateChange {
  readonly from: readonly QuestionState[];
  readonly to: QuestionState;
  readonly reason?: string;
  /** For a suspended question: the state that it gets back when it is restored. */
  readonly restoreState?: QuestionState;
}

/** Moves a question to a state. Returns false where it is in none of those it may come from. */
export async function moveQuestion(
  tx: Tx,
  questionId: bigint,
  { from, to, reason = "", restoreState }: StateChange,
): Promise<boolean> {
  const publishTime = raw("COALESCE(publish_time, NOW(6))");
  const moved = await moveState(tx, {
    table: "question",
    transitions: questionTransitions,
    from,
    to,
    where: { sql: "question_id = ?", values: [questionId] },
    set: {
      stateReason: reason,
      stateTime: raw("NOW(6)"),
      restoreState: restoreState ?? null,
      ...(to === "PUBLISHED" && { publishTime }),
    },
  });
  return moved === 1;
}

/** Deletes at most `limit` questions of a creator for good. Returns the ids of those, which were not deleted before. */
export async function deleteSomeOf(tx: Tx, creatorId: bigint, limit: number): Promise<bigint[]> {
  const left = await tx.query<{ questionId: bigint }>(
    "SELECT question_id FROM question WHERE creator_id = ? AND is_kept = TRUE ORDER BY question_id LIMIT ? FOR UPDATE",
    [creatorId, limit],
  );
  const questionIds = left.map(({ questionId }) => questionId);
  if (questionIds.length > 0) {
    await moveState(tx, {
      table: "question",
      transitions: questionTransitions,
      to: "DELETED",
      where: { sql: "question_id IN (?)", values: [questionIds] },
      set: { stateReason: "", stateTime: raw("NOW(6)") },
    });
  }
  return questionIds;
}
