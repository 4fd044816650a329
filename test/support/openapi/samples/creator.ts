import { anyone, type SampleCalls, type SampleFacts, user } from "../sample-call.ts";

/** Calls of the methods of creator. */
export default function creatorCalls({ author }: SampleFacts): SampleCalls {
  const content = { name: author.name, mainSubject: "SUBJECT_MATHEMATICS", introduction: "소개" };
  return {
    "creator.v1.CreatorService/RegisterCreator": user({ content }, "ALREADY_REGISTER_CREATOR"),
    "creator.v1.CreatorService/GetOwnCreator": user({}),
    "creator.v1.CreatorService/UpdateOwnCreator": user({ content }),
    "creator.v1.CreatorService/GetCreator": anyone({ creatorId: String(author.creatorId) }),
  };
}
