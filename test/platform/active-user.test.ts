import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { GetUserStatusResponseSchema } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { Role, UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import { createWorkContext } from "#kit/contract/context.ts";
import { Failure, reasonName } from "#kit/contract/failure.ts";
import { askForAdministrators, requireActiveUser } from "#kit/rpc/active-user.ts";

describe("the fresh status of a user", () => {
  const contextOf = () => createWorkContext({ service: "pay", userId: 7n, timeoutMs: 1000 });
  const outcomeOf = (answer: () => UserStatus) => {
    const users = {
      getUserStatus: async () => create(GetUserStatusResponseSchema, { status: answer() }),
    };
    return requireActiveUser(users, contextOf()).then(
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

  it("makes no user an administrator who is not active, or has another role, or none", async () => {
    const isOne = (answer: () => { status?: UserStatus; role?: Role }) => {
      const users = { getUserStatus: async () => create(GetUserStatusResponseSchema, answer()) };
      return askForAdministrators(users)(contextOf()).catch((error: Failure) => reasonName(error.reason));
    };
    const active = { status: UserStatus.ACTIVE };
    expect(await isOne(() => ({ ...active, role: Role.ADMIN }))).to.equal(true);
    expect(await isOne(() => ({ ...active, role: Role.USER }))).to.equal(false);
    expect(await isOne(() => active)).to.equal(false);
    expect(await isOne(() => ({ status: UserStatus.WITHDRAWN, role: Role.ADMIN }))).to.equal(false);
    expect(await isOne(refuse(Reason.NOT_FOUND))).to.equal(false);
    expect(await isOne(refuse(Reason.SERVICE_UNAVAILABLE))).to.equal("SERVICE_UNAVAILABLE");
  });

  it("refuses everyone while the directory is unavailable or too slow", async () => {
    expect(await outcomeOf(refuse(Reason.SERVICE_UNAVAILABLE))).to.equal("SERVICE_UNAVAILABLE");
    expect(await outcomeOf(refuse(Reason.DEADLINE_EXCEEDED))).to.equal("DEADLINE_EXCEEDED");
  });
});
