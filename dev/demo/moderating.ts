import assert from "node:assert/strict";
import { ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import type { Shelf } from "./selling.ts";
import type { Person } from "./signing-up.ts";
import { mustRefuse, type Stage } from "./stage.ts";

/** Finds the questions without an account, by parts of words and by initial consonants. */
export async function search(stage: Stage, creatorId: bigint, [graph, equation]: Shelf): Promise<void> {
  const find = (text: string) => idsFound(stage, creatorId, text);
  assert.deepEqual(await find("각함"), [equation.questionId, graph.questionId], "two syllables of a word");
  assert.deepEqual(await find("ㄷㅊㅅ"), [graph.questionId], "initial consonants of a word");
  assert.deepEqual(
    await find("방정 대칭성"),
    [equation.questionId],
    "a word of the title and one of the description",
  );
  assert.deepEqual(await find("미분방정식"), [], "a word that is in neither");
}

/** Takes a question off sale, which its creator cannot undo, and puts it on sale again. */
export async function moderate(
  stage: Stage,
  admin: Person,
  creatorId: bigint,
  [, offer]: Shelf,
): Promise<void> {
  const { questionId } = offer;
  const moderation = stage.api.client(ModerationService, admin.token);
  const { question } = await moderation.suspendQuestion({ questionId, reason: "출처 확인 중입니다." });
  await mustRefuse("NOT_FOUND", stage.api.client(StoreService).getQuestion({ questionId }));
  assert.deepEqual(await idsFound(stage, creatorId, "방정식"), [], "a suspended question is not found");
  const version = question?.question?.version ?? 0;
  await moderation.restoreQuestion({ questionId, version, reason: "출처가 확인되었습니다." });
  assert.deepEqual(await idsFound(stage, creatorId, "방정식"), [questionId], "a restored question is found");
}

async function idsFound({ api }: Stage, creatorId: bigint, text: string): Promise<bigint[]> {
  const { questions } = await api.client(StoreService).listQuestions({ filter: { creatorId, text } });
  return questions.map(question => question.questionId);
}
