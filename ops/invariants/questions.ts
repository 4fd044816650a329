import { readPublishedQuestions } from "#services/question/invariants.ts";
import { readKnownQuestions } from "#services/subscribe/invariants.ts";
import { joinCopies } from "./copies.ts";

/** Every question stored by subscribe equals that version in question. */
export const questionJoin = joinCopies({
  title: "questions as subscribe knows them",
  holder: "subscribe",
  owner: "question",
  what: "question",
  idOf: ({ questionId }) => questionId,
  readCopies: readKnownQuestions,
  readOriginals: readPublishedQuestions,
});
