import { ChargeState as ContractState, type PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import { chargeStates } from "../charge-rules.ts";
import { listOwnCharges } from "../store/charges.ts";

export function listCharges({
  database,
  pageTokens,
}: Dependencies): Handler<typeof PointService.method.listCharges> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const list = ["charges", userId, request.state];
    const pageSize = pageSizeOf(request.pageSize);
    const [createKey, chargeId] = pageTokens.decode(list, request.pageToken) ?? [];
    const found = await listOwnCharges(database, userId, {
      state: chargeStates.find(state => ContractState[state] === request.state),
      after: createKey === undefined || chargeId === undefined ? undefined : { createKey, chargeId },
      limit: pageSize + 1,
    });
    const page = toPage(found, pageSize, last =>
      pageTokens.encode(list, [last.createKey, last.charge.chargeId]),
    );
    return { charges: page.rows.map(row => row.charge), nextPageToken: page.nextPageToken };
  };
}

type Dependencies = Pick<Floor, "database" | "pageTokens">;
