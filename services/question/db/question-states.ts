import type { Tx } from "#kit/data/database.ts";
import { raw } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";
import { type QuestionState, questionTransitions } from "../domain/question.ts";

/** A change of state; the reason is for the creator. */
interface StateChange {
  readonly from: readonly QuestionState[];
  readonly to: QuestionState;
  readonly reason?: string;
}

/** Moves a question to a state. Returns false where it is in none of those it may come from. */
export async function moveQuestion(
  tx: Tx,
  questionId: bigint,
  { from, to, reason = "" }: StateChange,
): Promise<boolean> {
  const publishTime = raw("COALESCE(publish_time, NOW(6))");
  const moved = await moveState(tx, {
    table: "question",
    transitions: questionTransitions,
    from,
    to,
    where: { sql: "question_id = ?", values: [questionId] },
    set: { stateReason: reason, stateTime: raw("NOW(6)"), ...(to === "PUBLISHED" && { publishTime }) },
  });
  return moved === 1;
}

/** Deletes all questions of a creator for good. */
export async function deleteAllOf(tx: Tx, creatorId: bigint): Promise<void> {
  await moveState(tx, {
    table: "question",
    transitions: questionTransitions,
    to: "DELETED",
    where: { sql: "creator_id = ?", values: [creatorId] },
    set: { stateReason: "", stateTime: raw("NOW(6)") },
  });
}
