import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { refuseCommonPassword } from "./password-choice.ts";

describe("common passwords", () => {
  it("are refused in any case and any form of their characters", () => {
    for (const password of [
      "password123",
      "PassWord123",
      "ｐａｓｓｗｏｒｄ１２３",
      "paßword123",
      "1Q2w3E4r",
    ]) {
      expect(() => refuseCommonPassword(password), password)
        .to.throw()
        .with.property("reason", Reason.COMMON_PASSWORD);
    }
  });

  it("are not all those that contain one", () => {
    refuseCommonPassword("password123-and-more");
    refuseCommonPassword("나만아는비밀번호");
  });
});
