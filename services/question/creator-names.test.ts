import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import {
  type BatchGetCreatorsRequest,
  BatchGetCreatorsResponseSchema,
} from "#gen/questioncloud/creator/v1/mesh_pb.ts";
import { createWorkContext } from "#kit/context.ts";
import { Failure } from "#kit/failure.ts";
import { createLog } from "#kit/log.ts";
import { createCreatorNames } from "./creator-names.ts";

const context = createWorkContext({ service: "question", userId: 1n, timeoutMs: 10_000 });

/** A directory that knows the creators 1 to 9, and that can be away. */
function createDirectory({ freshMs }: { freshMs: number }) {
  const calls: bigint[][] = [];
  const deadlines: number[] = [];
  const state = { away: false };
  const names = createCreatorNames({
    directory: {
      async batchGetCreators({ creatorIds = [] }: Partial<BatchGetCreatorsRequest>, { deadlineMs }) {
        calls.push([...creatorIds]);
        deadlines.push(deadlineMs);
        if (state.away) {
          throw new Error("away");
        }
        const known = creatorIds.filter(id => id < 10n);
        return create(BatchGetCreatorsResponseSchema, {
          creators: known.map(creatorId => ({ creatorId, name: `creator ${creatorId}` })),
        });
      },
    },
    freshMs,
    timeoutMs: 500,
    log: createLog("question", "silent"),
  });
  return { names, calls, deadlines, state };
}

describe("the names of creators", () => {
  it("are asked for once while they are fresh, each only once in a call", async () => {
    const { names, calls, deadlines } = createDirectory({ freshMs: 60_000 });
    const first = await names.find([1n, 2n, 1n], context);
    await names.find([2n, 3n], context);
    await names.find([], context);
    expect(first.get(2n)?.name).to.equal("creator 2");
    expect(calls).to.deep.equal([[1n, 2n], [3n]]);
    expect(Math.max(...deadlines)).to.be.below(Date.now() + 501);
  });

  it("are as they were last seen while the creator service is away", async () => {
    const { names, state } = createDirectory({ freshMs: 0 });
    await names.find([1n], context);
    state.away = true;
    expect([...(await names.find([1n, 2n], context)).keys()]).to.deep.equal([1n]);
    expect((await names.require([1n], context)).get(1n)?.name).to.equal("creator 1");
    const refused = await names.require([1n, 2n], context).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(Failure).with.property("message", "SERVICE_UNAVAILABLE");
    state.away = false;
    expect([...(await names.require([1n, 2n], context)).keys()]).to.deep.equal([1n, 2n]);
  });

  it("are left out where there is no such creator", async () => {
    const { names } = createDirectory({ freshMs: 60_000 });
    expect([...(await names.require([1n, 99n], context)).keys()]).to.deep.equal([1n]);
  });
});
