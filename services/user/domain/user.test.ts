import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { normalizeEmail, requireActive, statusWithoutBan } from "./user.ts";

describe("user rules", () => {
  it("compare e-mail addresses without case", () => {
    expect(normalizeEmail("Buyer@Example.COM")).to.equal("buyer@example.com");
  });

  it("let only active users sign in, and say why not", () => {
    requireActive("ACTIVE");
    expect(() => requireActive("PENDING"))
      .to.throw()
      .with.property("reason", Reason.PENDING_EMAIL_VERIFICATION);
    expect(() => requireActive("BANNED"))
      .to.throw()
      .with.property("reason", Reason.NOT_ACTIVE_USER);
  });

  it("return a user whose ban is lifted to the status from before", () => {
    expect(statusWithoutBan({ activateTime: null })).to.equal("PENDING");
    expect(statusWithoutBan({ activateTime: new Date() })).to.equal("ACTIVE");
  });
});
