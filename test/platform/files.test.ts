import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { createFiles } from "#kit/files/files.ts";
import { filesConfig } from "#kit/files/files-config.ts";
import { readConfig } from "#kit/process/read-config.ts";

const unreachable = "http://127.0.0.1:9";

describe("files in a bucket", () => {
  before(() => {
    process.env.AWS_ACCESS_KEY_ID ??= "local";
    process.env.AWS_SECRET_ACCESS_KEY ??= "local";
  });

  const open = (env: Record<string, string> = {}, endpoint = unreachable) =>
    createFiles(readConfig({ OWN_BUCKET: "bucket", ...env }, filesConfig("own")), {
      region: "ap-northeast-2",
      endpoint,
      accountId: "000000000000",
    });

  it("are shown at a public URL, which stays the same for a while", async () => {
    const files = open({ OWN_S3_PUBLIC_ENDPOINT: "https://files.example" });
    const url = await files.viewUrl("files/1/a");
    expect(url).to.match(/^https:\/\/files\.example\/bucket\/files\/1\/a\?/);
    expect(new URL(url).searchParams.get("X-Amz-Expires")).to.equal("900");
    expect(await files.viewUrl("files/1/a")).to.equal(url);
    expect(await files.viewUrl("files/1/b")).not.to.equal(url);
    files.close();
  });

  it("are unavailable while the bucket fails", async () => {
    const server = createServer((_request, response) => response.writeHead(503).end());
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    const files = open({}, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (const call of [() => files.inspect("staging/a"), () => files.copy("staging/a", "files/1/a")]) {
      const refused = await call().catch((error: unknown) => error);
      expect(refused).to.have.property("message", "SERVICE_UNAVAILABLE");
    }
    files.close();
    server.close();
  });

  it("are unavailable while the bucket cannot be reached", async () => {
    const files = open();
    const refused = await files.inspect("staging/a").catch((error: unknown) => error);
    expect(refused).to.have.property("message", "SERVICE_UNAVAILABLE");
    files.close();
  });
});
