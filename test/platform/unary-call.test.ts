import { ChannelCredentials, Client, Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { expect } from "chai";
import { CallError, callChannel, callInSpan } from "#kit/rpc/client/unary-call.ts";

const same = (bytes: Buffer) => bytes;
const details = Buffer.from("why");

type Answer = (error: { code: status; details: string; metadata: Metadata } | null, bytes?: Buffer) => void;
type Received = { readonly request: Buffer; readonly metadata: Metadata };

// By the text of the request.
const answers: Readonly<Record<string, (received: Received, answer: Answer) => void>> = {
  echo: ({ metadata }, answer) => answer(null, Buffer.from(String(metadata.get("x-request-id")))),
  empty: (_, answer) => answer(null, Buffer.alloc(0)),
  refuse(_, answer) {
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", details);
    answer({ code: status.NOT_FOUND, details: "unknown", metadata });
  },
  hang() {},
};

describe("a call to another service, by the channel and in a span", () => {
  let server: Server;
  let client: Client;

  before(async () => {
    server = new Server();
    const [path, stream] = ["/test/Call", { requestStream: false, responseStream: false }];
    const codecs = { requestSerialize: same, requestDeserialize: same };
    const definition = { path, ...stream, ...codecs, responseSerialize: same, responseDeserialize: same };
    server.addService(
      { call: definition },
      {
        call: (received: Received, answer: Answer) =>
          answers[received.request.toString()]?.(received, answer),
      },
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    client = new Client(`127.0.0.1:${port}`, ChannelCredentials.createInsecure());
  });
  after(() => {
    client?.close();
    server?.forceShutdown();
  });

  const outcomes = (
    text: string,
    { signal = new AbortController().signal, limitMs = 5000, path = "/test/Call" },
  ) =>
    Promise.all(
      [callChannel, callInSpan].map(call => {
        const metadata = new Metadata();
        metadata.set("x-request-id", "seven");
        const message = new TextEncoder().encode(text);
        return call(client, { path, metadata, message, deadlineMs: Date.now() + limitMs, signal }).then(
          bytes => ({ answer: bytes.toString() }),
          (error: unknown) => {
            expect(error).to.be.instanceOf(CallError);
            const { code, metadata } = error as CallError;
            return { code: status[code], details: String(metadata.get("grpc-status-details-bin")) };
          },
        );
      }),
    );
  const both = <T>(outcome: T) => [outcome, outcome];

  it("returns the same bytes, and sends the same headers", async () => {
    expect(await outcomes("echo", {})).to.deep.equal(both({ answer: "seven" }));
    expect(await outcomes("empty", {})).to.deep.equal(both({ answer: "" }));
  });

  it("fails with the same code and details", async () => {
    expect(await outcomes("refuse", {})).to.deep.equal(both({ code: "NOT_FOUND", details: "why" }));
    const unknown = await outcomes("echo", { path: "/test/Unknown" });
    expect(unknown).to.deep.equal(both({ code: "UNIMPLEMENTED", details: "" }));
  });

  it("ends at its deadline", async () => {
    const outcome = { code: "DEADLINE_EXCEEDED", details: "" };
    expect(await outcomes("hang", { limitMs: 100 })).to.deep.equal(both(outcome));
  });

  it("ends when its caller goes, or has gone before it began", async () => {
    const outcome = both({ code: "CANCELLED", details: "" });
    expect(await outcomes("hang", { signal: AbortSignal.timeout(50) })).to.deep.equal(outcome);
    expect(await outcomes("echo", { signal: AbortSignal.abort() })).to.deep.equal(outcome);
  });
});
