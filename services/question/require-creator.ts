import { userIdOf, type WorkContext } from "#kit/contract/context.ts";
import { isDecided } from "#kit/contract/failure.ts";
import type { App } from "./app.ts";
import { findCreatorOfUser, storeCreator } from "./db/creators.ts";
import { notCreator, serviceUnavailable } from "./failures.ts";

/**
 * The caller's creator id; throws NOT_CREATOR. Creators are stored from CreatorChanged; the directory is called only
 * for one whose first event has not arrived yet.
 */
export async function requireCreator(
  { database, creatorDirectory }: Pick<App, "database" | "creatorDirectory">,
  context: WorkContext,
): Promise<bigint> {
  const userId = userIdOf(context);
  const known = await findCreatorOfUser(database, userId);
  if (known?.withdrawn) {
    throw notCreator();
  }
  if (known !== undefined) {
    return known.creatorId;
  }
  const { creator } = await creatorDirectory.getCreatorOfUser({ userId }, context).catch((error: unknown) => {
    throw isDecided(error) ? error : serviceUnavailable(error);
  });
  if (creator === undefined) {
    throw serviceUnavailable(new TypeError("the directory answered without a creator"));
  }
  await storeCreator(database, creator);
  return creator.creatorId;
}
