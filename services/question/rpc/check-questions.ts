import type { EntitlementService } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findAccess } from "../db/offers.ts";

export function checkQuestions({
  database,
}: Dependencies): Handler<typeof EntitlementService.method.checkQuestions> {
  return async ({ questionIds }, context) => ({
    questions: await findAccess(database, questionIds, userIdOf(context)),
  });
}

type Dependencies = Pick<App, "database">;
