import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { CreatorContent, CreatorSchema } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { ListedCreatorSchema } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import { averageRateTenths } from "#kit/contract/rating.ts";
import type { Creator, CreatorProfile } from "./db/creators.ts";

/** A creator with statistics, as the public sees them. */
export function toCreator({
  createTime,
  salesCount,
  subscriberCount,
  ratingSum,
  ratingCount,
  ...creator
}: Creator): MessageInitShape<typeof CreatorSchema> {
  return {
    ...creator,
    createTime: timestampFromDate(createTime),
    statistics: {
      salesCount,
      subscriberCount,
      reviewCount: ratingCount,
      averageRateTenths: averageRateTenths({ ratingSum, ratingCount }),
    },
  };
}

/** The part of a creator that other services may store: the body of the directory's answer and of CreatorChanged. */
export function toSummary({ creatorId, userId, name, profileImageUrl, version, withdrawTime }: Creator) {
  return { creatorId, userId, name, profileImageUrl, version, withdrawn: withdrawTime !== null };
}

/** A creator in the lists of other services. */
export function toListedCreator(creator: Creator): MessageInitShape<typeof ListedCreatorSchema> {
  const { mainSubject, subscriberCount } = creator;
  return { summary: toSummary(creator), mainSubject, subscriberCount };
}

/** The profile in a request. */
export function fromContent(content: CreatorContent | undefined): CreatorProfile {
  if (content === undefined) {
    throw new TypeError("the contract requires content");
  }
  const { $typeName: _, $unknown: __, ...profile } = content;
  return profile;
}
