import { setImmediate } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { BasketSchema } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Clients } from "./app.ts";
import { quoteBasket } from "./quote.ts";

const basket = create(BasketSchema, { lines: [{ questionId: 1n, userCouponId: 2n }] });

describe("a quote of unavailable questions with an unknown coupon", () => {
  for (const first of ["questions", "coupons"]) {
    it(`is refused for the questions when the answer about the ${first} comes first`, async () => {
      const refuse = (about: string, reason: Reason) => async () => {
        if (about !== first) {
          await setImmediate();
        }
        throw new Failure(reason);
      };
      const clients = {
        catalog: { quoteQuestions: refuse("questions", Reason.UNAVAILABLE_QUESTION) },
        coupons: { getCouponTerms: refuse("coupons", Reason.WRONG_COUPON) },
      } as unknown as Clients;
      const quote = quoteBasket(clients, basket, {} as Parameters<typeof quoteBasket>[2]);
      const error = await quote.catch((thrown: unknown) => thrown);
      expect(error).to.have.property("reason", Reason.UNAVAILABLE_QUESTION);
    });
  }
});
