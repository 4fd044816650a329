import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import { expect } from "chai";
import { LocalizedMessageSchema } from "#gen/google/rpc/error_details_pb.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { toCallStatus, toConnectError } from "#kit/contract/failure-status.ts";
import { languages } from "../support/rpc/languages.ts";

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

  for (const [acceptLanguage, locale] of languages) {
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
