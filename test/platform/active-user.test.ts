import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { GetUserStatusResponseSchema } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import { createWorkContext } from "#kit/contract/context.ts";
import { Failure, reasonName } from "#kit/contract/failure.ts";
import { requireActiveUser } from "#kit/rpc/active-user.ts";

describe("the fresh status of a user", () => {
  const outcomeOf = (answer: () => UserStatus) => {
    const users = {
      getUserStatus: async () => create(GetUserStatusResponseSchema, { status: answer() }),
    };
    const context = createWorkContext({ service: "pay", userId: 7n, timeoutMs: 1000 });
    return requireActiveUser(users, context).then(
      () => "active",
      (error: Failure) => reasonName(error.reason),
    );
  };
  const refuse = (reason: Reason) => () => {
    throw new Failure(reason);
  };

  it("refuses every user who is not active", async () => {
    expect(await outcomeOf(() => UserStatus.ACTIVE)).to.equal("active");
    expect(await outcomeOf(() => UserStatus.BANNED)).to.equal("NOT_ACTIVE_USER");
    expect(await outcomeOf(() => UserStatus.UNSPECIFIED)).to.equal("NOT_ACTIVE_USER");
    expect(await outcomeOf(refuse(Reason.NOT_FOUND))).to.equal("NOT_ACTIVE_USER");
  });

  it("refuses everyone while the directory is unavailable or too slow", async () => {
    expect(await outcomeOf(refuse(Reason.SERVICE_UNAVAILABLE))).to.equal("SERVICE_UNAVAILABLE");
    expect(await outcomeOf(refuse(Reason.DEADLINE_EXCEEDED))).to.equal("DEADLINE_EXCEEDED");
  });
});
