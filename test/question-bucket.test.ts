import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { readQuestionConfig } from "../services/question/config.ts";
import { openFiles } from "../services/question/store/files.ts";

const inside = "http://127.0.0.1:9";

describe("the files of questions in a bucket", () => {
  before(() => {
    process.env.AWS_ACCESS_KEY_ID ??= "local";
    process.env.AWS_SECRET_ACCESS_KEY ??= "local";
  });

  const open = (env: Record<string, string> = {}, endpoint = inside) =>
    openFiles(readQuestionConfig({ QUESTION_BUCKET: "bucket", ...env }), {
      AWS_REGION: "ap-northeast-2",
      AWS_ENDPOINT_URL: endpoint,
    });

  it("are shown at the public address, which stays the same for a while", async () => {
    const files = open({ QUESTION_S3_PUBLIC_ENDPOINT: "https://files.example" });
    const address = await files.showAddress("files/1/a");
    expect(address).to.match(/^https:\/\/files\.example\/bucket\/files\/1\/a\?/);
    expect(new URL(address).searchParams.get("X-Amz-Expires")).to.equal("900");
    expect(await files.showAddress("files/1/a")).to.equal(address);
    expect(await files.showAddress("files/1/b")).not.to.equal(address);
    files.close();
  });

  it("are unavailable while the bucket fails", async () => {
    const server = createServer((_request, response) => response.writeHead(503).end());
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    const files = open({}, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (const call of [() => files.look("staging/a"), () => files.copy("staging/a", "files/1/a")]) {
      const refused = await call().catch((error: unknown) => error);
      expect(refused).to.have.property("message", "SERVICE_UNAVAILABLE");
    }
    files.close();
    server.close();
  });

  it("are unavailable while nobody listens", async () => {
    const files = open();
    const refused = await files.look("staging/a").catch((error: unknown) => error);
    expect(refused).to.have.property("message", "SERVICE_UNAVAILABLE");
    files.close();
  });
});
