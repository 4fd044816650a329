import { isDeepStrictEqual } from "node:util";
import { type CreatorFacts, readCreators } from "#services/creator/invariants.ts";
import { readKnownCreators } from "#services/question/invariants.ts";
import type { Join } from "./join.ts";

/** Every creator stored by question equals that version in creator. */
export const creatorJoin: Join = {
  name: "I7 creators as question knows them",
  services: ["creator", "question"],
  config: {},
  async *check({ databases }) {
    for await (const page of readKnownCreators(databases.of("question"))) {
      const ids = page.map(({ creatorId }) => creatorId);
      const creators = ids.length === 0 ? new Map() : await readCreators(databases.of("creator"), ids);
      for (const known of page) {
        yield* compare(known, creators.get(known.creatorId));
      }
    }
  },
};

function* compare(known: CreatorFacts, creator: CreatorFacts | undefined): Iterable<string> {
  if (creator === undefined) {
    yield `question knows creator ${known.creatorId}, who is no creator`;
  } else if (known.version > creator.version) {
    yield `question knows version ${known.version} of creator ${known.creatorId}, who is at ${creator.version}`;
  } else if (known.version === creator.version && !isDeepStrictEqual(pick(known), pick(creator))) {
    yield `question knows another version ${known.version} of creator ${known.creatorId}`;
  }
}

function pick({ userId, name, profileImageUrl, withdrawn }: CreatorFacts) {
  return { userId, name, profileImageUrl, withdrawn };
}
