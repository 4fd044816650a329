import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import { expect } from "chai";
import { LocalizedMessageSchema } from "#gen/google/rpc/error_details_pb.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { toCallStatus, toConnectError } from "#kit/contract/failure-status.ts";

describe("the status of a failure", () => {
  const statusFor = (acceptLanguage: string) =>
    toCallStatus(
      new Failure(Reason.BAD_REQUEST, {
        violations: [{ field: "page_size", description: "too large" }],
        retryAfterMs: 1500,
      }),
      new Headers({ "accept-language": acceptLanguage }),
      "id-1",
    );

  for (const [acceptLanguage, locale] of [
    ["", "ko-KR"],
    ["en", "en-US"],
    ["EN-gb", "en-US"],
    ["ko-KR, en;q=0.9", "ko-KR"],
    ["ko;q=0.1, en;q=0.9", "en-US"],
    ["en;q=0.5, ko;q=0.8", "ko-KR"],
    ["en;q=0, ko", "ko-KR"],
    ["en;q=0", "ko-KR"],
    ["ko;q=0, en;q=0.001", "en-US"],
    ["en, ko", "en-US"],
    ["*, en;q=0.5", "ko-KR"],
    ["fr, english, enx;q=0.9", "ko-KR"],
    ["de;q=1.0, en-US;q=0.7, ko;q=0.3", "en-US"],
  ] as const) {
    it(`speaks ${locale} where the caller accepts "${acceptLanguage}"`, () => {
      const [localized] = statusFor(acceptLanguage).details.flatMap(
        detail => anyUnpack(detail, LocalizedMessageSchema) ?? [],
      );
      expect(localized?.locale).to.equal(locale);
    });
  }

  it("shows every detail readably in JSON", () => {
    const json = errorToJson(toConnectError(statusFor("en")), undefined) as {
      details: { type: string; debug: Record<string, unknown> }[];
    };
    const debug = Object.fromEntries(json.details.map(detail => [detail.type, detail.debug]));
    expect(debug).to.deep.include({
      "google.rpc.ErrorInfo": { reason: "BAD_REQUEST", domain: "questioncloud" },
      "google.rpc.LocalizedMessage": { locale: "en-US", message: "The request is invalid." },
      "google.rpc.RetryInfo": { retryDelay: "1.500s" },
      "google.rpc.BadRequest": { fieldViolations: [{ field: "page_size", description: "too large" }] },
    });
    expect(debug["google.rpc.RequestInfo"]).to.include({ requestId: "id-1" });
  });
});
