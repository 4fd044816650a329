import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { englishHeaders, expectRefused } from "../support/rpc/expect-refused.ts";
import { type Listeners, startListeners } from "../support/rpc/listeners.ts";
import { readPath, writePath } from "../support/rpc/malformed/call.ts";
import { connectCalls } from "../support/rpc/malformed/connect.ts";
import { grpcCalls, grpcWebCalls } from "../support/rpc/malformed/grpc.ts";
import { type RawCall, readRefusal, sendBytes } from "../support/rpc/raw-calls.ts";

const english = (call: RawCall): RawCall => ({ ...call, headers: { ...englishHeaders, ...call.headers } });

describe("the listeners of a service", () => {
  let listeners: Listeners;

  before(async () => {
    listeners = await startListeners();
  });
  after(() => listeners?.stop());

  for (const [protocol, calls] of Object.entries({ ...connectCalls, ...grpcWebCalls })) {
    describe(`refuse by ${protocol}`, () => {
      for (const call of calls) {
        it(call.title, () => expectRefused(listeners, () => listeners.http(english(call)), call));
      }
    });
  }

  describe("refuse by gRPC", () => {
    for (const call of grpcCalls) {
      it(call.title, () => expectRefused(listeners, () => listeners.grpc(english(call)), call));
    }
  });

  describe("refuse", () => {
    const unreadable: readonly [string, string, Reason, number][] = [
      ["what is no HTTP", "HELLO\r\n\r\n", Reason.BAD_REQUEST, 400],
      ["a request without a host", `POST ${readPath} HTTP/1.0\r\n\r\n`, Reason.BAD_REQUEST, 400],
      [
        "headers of more than 64 KiB",
        `POST ${readPath} HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(70_000)}\r\n\r\n`,
        Reason.REQUEST_TOO_LARGE,
        429,
      ],
      [
        "a body that is not chunked as it says",
        `POST ${readPath} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer x\r\ncontent-type: application/json\r\n` +
          "transfer-encoding: chunked\r\n\r\nnothing\r\n",
        Reason.BAD_REQUEST,
        400,
      ],
    ];
    for (const [title, bytes, reason, status] of unreadable) {
      it(title, async () => {
        await expectRefused(listeners, () => sendBytes(listeners.httpUrl, bytes), {
          reason,
          status,
          locale: "ko-KR",
        });
      });
    }

    it("the wrong HTTP method of a plain endpoint, and name those that are allowed", async () => {
      const reason = Reason.HTTP_METHOD_NOT_ALLOWED;
      const cases = [
        ["/.well-known/jwks.json", "POST", "GET, HEAD"],
        ["/webhooks/toss", "GET", "POST"],
        [readPath, "PUT", "POST, GET, HEAD"],
        [writePath, "HEAD", "POST"],
      ] as const;
      for (const [path, verb, allow] of cases) {
        const refused = { verb, reason, status: 405 };
        const answer = await expectRefused(listeners, () => listeners.http(english({ verb, path })), refused);
        expect(answer.headers.get("allow"), path).to.equal(allow);
      }
    });

    it("a request of a plain endpoint that fails, as the fault of the service", async () => {
      const answer = await listeners.http({ path: "/webhooks/toss" });
      expect(answer.status).to.equal(500);
      expect(readRefusal(answer)).to.include({ reason: "INTERNAL_SERVER_ERROR" });
      const [line] = listeners.linesOf(answer.headers.get("x-request-id") ?? "");
      expect(line).to.include({ msg: "call failed", method: "POST /webhooks/{psp}" });
    });
  });
});
