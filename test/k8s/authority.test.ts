import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { expect } from "chai";
import { type Authority, openAuthority } from "#k8s/cluster/authority.ts";
import { putCertificates } from "#k8s/cluster/certificates.ts";

const minuteMs = 60_000;

describe("the authority of a trial", () => {
  const folder = mkdtempSync(join(tmpdir(), "authority-"));
  let authority: Authority;
  before(async () => {
    authority = await openAuthority(join(folder, "own"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const issue = (holder: string, from = authority) => from.issue(holder, new Date(Date.now() + minuteMs));

  it("issues certificates that end when they should, and is the same when it is opened again", async () => {
    const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + minuteMs);
    const again = await openAuthority(join(folder, "own"));
    const certificate = new X509Certificate((await again.issue("user", end)).certificate);
    expect(new Date(certificate.validTo)).to.deep.equal(end);
    expect(certificate.checkHost("user")).to.equal("user");
    expect(certificate.checkIssued(new X509Certificate(authority.certificate))).to.equal(true);
  });

  it("is believed at both ends of a call, and another is not", async () => {
    const other = await openAuthority(join(folder, "other"));
    const { certificate, key } = await issue("user");
    const server = createServer(
      { cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true },
      socket => socket.on("error", () => {}).end("welcome"),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const answerTo = async (caller: Authority, believed: Authority) => {
      const own = await issue("pay", caller);
      const options = { cert: own.certificate, key: own.key, ca: believed.certificate, servername: "user" };
      const socket = connect({ host: "127.0.0.1", port, ...options });
      return new Promise<string>(resolve => {
        socket.on("data", data => resolve(String(data)));
        socket.on("error", () => resolve("refused"));
        socket.on("close", () => resolve("refused"));
      });
    };
    expect(await answerTo(authority, authority)).to.equal("welcome");
    expect(await answerTo(other, authority)).to.equal("refused");
    expect(await answerTo(authority, other)).to.equal("refused");
    server.close();
  });

  it("is given to pods as cert-manager does, next to the one that it replaces", async () => {
    let applied = "";
    const kubectl = async (_args: readonly string[], { input = "" } = {}) => {
      applied = input;
      return "";
    };
    const identity = await issue("user");
    await putCertificates(kubectl, new Map([["user", identity]]), [authority, { certificate: "next" }]);
    const [secret] = JSON.parse(applied).items;
    expect(secret).to.include({ kind: "Secret", type: "kubernetes.io/tls" });
    expect(secret.metadata.name).to.equal("user-certificate");
    const decoded = (name: string) => Buffer.from(secret.data[name], "base64").toString();
    expect(decoded("tls.crt")).to.equal(identity.certificate);
    expect(decoded("tls.key")).to.equal(identity.key);
    expect(decoded("ca.crt")).to.equal(`${authority.certificate}next`);
  });
});
