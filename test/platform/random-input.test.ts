import { readFileSync } from "node:fs";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { protoServices } from "#kit/contract/contracts.ts";
import { methodName } from "#kit/contract/policy.ts";
import { randomBodies } from "../support/input/bodies.ts";
import { runs } from "../support/input/runs.ts";
import { expectSound, type Sent } from "../support/input/sound-answer.ts";
import { callerHeaders, type Listeners, startListeners } from "../support/rpc/listeners.ts";

const methods = new Map(
  protoServices.flatMap(({ methods }) =>
    methods.map(method => [methodName(method as DescMethodUnary), method as DescMethodUnary]),
  ),
);
const corpus = JSON.parse(
  readFileSync(new URL("../support/input/corpus.json", import.meta.url), "utf8"),
) as Sent[];

describe("a request of random bytes", () => {
  let listeners: Listeners;

  before(async () => {
    listeners = await startListeners();
  });
  after(() => listeners?.stop());

  async function send({ method: name, type, body }: Sent): Promise<void> {
    const method = methods.get(name);
    if (method === undefined) {
      throw new Error(`the corpus names ${name}, which does not exist any more`);
    }
    const over = type === "application/grpc" ? listeners.grpc : listeners.http;
    const headers = { te: "trailers", ...callerHeaders(method), "content-type": type };
    const answer = await over({ path: `/${name}`, headers, body: Buffer.from(body, "base64") });
    expectSound(answer, { method: name, type, body });
  }

  for (const sent of corpus) {
    it(`that once failed, of ${sent.type} for ${sent.method}, is answered or refused`, () => send(sent));
  }

  for (const [name, method] of methods) {
    it(`is answered or refused by ${name.slice(name.lastIndexOf(".") + 1)}, and is never its fault`, () =>
      fc.assert(
        fc.asyncProperty(randomBodies(method), ({ type, bytes }) =>
          send({ method: name, type, body: Buffer.from(bytes).toString("base64") }),
        ),
        runs(8),
      ));
  }

  it("is never logged as a fault, as a handler that fails is", async () => {
    expect(listeners.faults()).to.deep.equal([]);
    await listeners.http({ path: "/webhooks/toss" });
    expect(listeners.faults()).to.have.length(1);
  });
});
