import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { requireActive } from "./user.ts";

describe("user rules", () => {
  it("let only active users sign in, and say why not", () => {
    requireActive("ACTIVE");
    expect(() => requireActive("BANNED"))
      .to.throw()
      .with.property("reason", Reason.NOT_ACTIVE_USER);
  });
});
