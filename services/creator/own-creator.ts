import { userIdOf, type WorkContext } from "#kit/context.ts";
import type { Queryable } from "#kit/database.ts";
import { notCreator } from "./failures.ts";
import { findCreatorId } from "./store/creators.ts";

/** The id of the creator that the caller is; throws NOT_CREATOR. */
export async function requireCreatorId(from: Queryable, context: WorkContext): Promise<bigint> {
  const creatorId = await findCreatorId(from, userIdOf(context));
  if (creatorId === undefined) {
    throw notCreator();
  }
  return creatorId;
}
