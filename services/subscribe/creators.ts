import type { ListedCreator } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { creatorNotFound } from "./failures.ts";

type Directory = Pick<App, "creatorDirectory">;

/** The creators with these ids, by id, in one call; those that do not exist are left out. */
export async function findCreators(
  { creatorDirectory }: Directory,
  creatorIds: readonly bigint[],
  context: WorkContext,
): Promise<ReadonlyMap<bigint, ListedCreator>> {
  if (creatorIds.length === 0) {
    return new Map();
  }
  const unique = [...new Set(creatorIds)];
  const { creators } = await creatorDirectory.getCreators({ creatorIds: unique }, context);
  return new Map(creators.map(creator => [creator.summary?.creatorId ?? 0n, creator]));
}

/** The creator with this id who has not withdrawn; throws NOT_FOUND. */
export async function requireCreator(
  directory: Directory,
  creatorId: bigint,
  context: WorkContext,
): Promise<ListedCreator> {
  const creator = (await findCreators(directory, [creatorId], context)).get(creatorId);
  if (creator?.summary === undefined || creator.summary.withdrawn) {
    throw creatorNotFound();
  }
  return creator;
}
