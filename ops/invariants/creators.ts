import { readCreators } from "#services/creator/invariants.ts";
import { readKnownCreators } from "#services/question/invariants.ts";
import { joinCopies } from "./copies.ts";

/** Every creator stored by question equals that version in creator. */
export const creatorJoin = joinCopies({
  title: "creators as question knows them",
  holder: "question",
  owner: "creator",
  what: "creator",
  idOf: ({ creatorId }) => creatorId,
  readCopies: readKnownCreators,
  readOriginals: readCreators,
});
