import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listCharges as readCharges } from "../db/charges.ts";
import { chargeStateOf, toCharge } from "../to-proto.ts";

export function listCharges({
  database,
  pageTokens,
}: Dependencies): Handler<typeof PointService.method.listCharges> {
  return async (request, context) => {
    const wanted = { userId: userIdOf(context), state: chargeStateOf(request.state) };
    const list = ["charges", wanted.userId, request.state];
    const { rows, nextPageToken } = await pageTokens.readPage(list, request, page =>
      readCharges(database, wanted, page),
    );
    return { charges: rows.map(toCharge), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
