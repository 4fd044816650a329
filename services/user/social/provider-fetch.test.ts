import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { createProviderFetch } from "./provider-fetch.ts";

describe("a call of an identity provider", () => {
  it("is given up once the answer is larger than any provider's", async () => {
    const chunk = Buffer.alloc(65_536, " ");
    let sentBytes = 0;
    const server = createServer((_request, response) => {
      const send = () => {
        while (!response.destroyed && sentBytes < 64 * 1_048_576) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) {
            response.once("drain", send);
            return;
          }
        }
        response.end();
      };
      send();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    try {
      const call = createProviderFetch(8000, new AbortController().signal);
      const error = await call(url, { method: "GET", headers: {}, body: null, redirect: "manual" }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(Failure);
      expect(error).to.include({ reason: Reason.SOCIAL_PROVIDER_UNAVAILABLE });
      expect(sentBytes).to.be.below(32 * 1_048_576);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
