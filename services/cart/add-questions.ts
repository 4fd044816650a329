import { MergeOutcome } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { insertLines, listLines, lockCart } from "./db/cart-lines.ts";
import { type Addition, planAdditions } from "./domain/additions.ts";

/** Adds those of the named questions that the caller can buy, and says what became of each, in their order. */
export async function addQuestions(
  { database, catalog }: Pick<App, "database" | "catalog">,
  questionIds: readonly bigint[],
  context: WorkContext,
): Promise<Addition[]> {
  const userId = userIdOf(context);
  const { offers } = await catalog.listOffers({ questionIds: [...questionIds] }, context);
  return database.transaction(async tx => {
    await lockCart(tx, userId);
    const lines = await listLines(tx, userId);
    const additions = planAdditions(offers, new Set(lines.map(({ questionId }) => questionId)));
    const added = additions.filter(({ outcome }) => outcome === MergeOutcome.ADDED);
    await insertLines(
      tx,
      userId,
      added.map(({ questionId }) => questionId),
    );
    return additions;
  });
}
