import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect } from "chai";
import { type Logger, pino } from "pino";
import { root } from "#dev/stack/root.ts";
import { claimTemporaryDirectory, type RunDirectory } from "#dev/stack/servers/directory.ts";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { type Certificates, createCertificates } from "#kit/rpc/certificates.ts";
import { createServiceClient } from "#kit/rpc/client/service-client.ts";
import { type Authority, makeAuthority } from "../support/rpc/authority.ts";
import { onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { type Listeners, startListeners } from "../support/rpc/listeners.ts";
import { until } from "../support/stack/until.ts";

const reloadMs = 50;
const maxConnectionAgeMs = 300;

interface Files {
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
}

describe("connections between services", () => {
  let run: RunDirectory;
  let authority: Authority;
  let other: Authority;
  const lines: { msg: string }[] = [];
  const log: Logger = pino({}, { write: line => lines.push(JSON.parse(line)) });
  const metrics = createMetrics("tls");
  const closers: (() => unknown)[] = [];

  before(async () => {
    run = await claimTemporaryDirectory(join(root, ".data"), "tls");
    [authority, other] = await Promise.all([
      makeAuthority(run.dir, "authority"),
      makeAuthority(run.dir, "other"),
    ]);
  });
  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });
  after(() => run.release());

  function certificates(files: Files): Certificates {
    const created = createCertificates({ ...files, reloadMs, log, metrics });
    closers.push(created.stop);
    return created;
  }

  async function serve(files: Files): Promise<Listeners> {
    const listeners = await startListeners({ credentials: certificates(files).server, maxConnectionAgeMs });
    closers.push(listeners.stop);
    return listeners;
  }

  function caller(listeners: Listeners, files: Files) {
    const client = createServiceClient(UserDirectoryService, {
      name: "user",
      addresses: [`localhost:${new URL(listeners.grpcUrl).port}`],
      sign: async () => "point",
      credentials: certificates(files).client,
    });
    closers.push(client.close);
    return () => client.getUserStatus({ userId: 1n }, onBehalfOf(1n));
  }

  /** The serial number of the certificate that a new connection is shown. */
  async function serialOf({ grpcUrl }: Listeners): Promise<string> {
    const { hostname, port } = new URL(grpcUrl);
    const to = { host: hostname, port: Number(port), ALPNProtocols: ["h2"], rejectUnauthorized: false };
    const socket = connect(to).on("error", () => {});
    await once(socket, "secureConnect");
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  }

  const certificateFiles = async (holder: string): Promise<Files> => ({
    ...(await authority.issue(holder)),
    caFile: authority.caFile,
  });

  it("are cleartext where no files are named", async () => {
    const call = caller(await serve({}), {});
    expect(await call()).to.have.property("$typeName");
  });

  it("are encrypted, and each end checks the certificate of the other", async () => {
    const listeners = await serve(await certificateFiles("callee"));
    const call = caller(listeners, await certificateFiles("caller"));
    expect(await call()).to.have.property("$typeName");
    const expiry = await metrics.registry.getSingleMetricAsString("tls_certificate_expiry_timestamp_seconds");
    const [, ends] = /certificate="own"\S* (\d+)/.exec(expiry) ?? [];
    expect(Number(ends) - Date.now() / 1000).to.be.within(86_000, 86_400);
  });

  it("are refused to a caller without a certificate, with another authority's, and in cleartext", async () => {
    const listeners = await serve(await certificateFiles("callee"));
    for (const files of [
      { caFile: authority.caFile },
      { ...(await other.issue("x")), caFile: authority.caFile },
      {},
    ]) {
      const { reason } = await refusalOf(caller(listeners, files)());
      expect(reason).to.equal("SERVICE_UNAVAILABLE");
    }
  });

  it("are refused by a caller that trusts another authority", async () => {
    const listeners = await serve(await certificateFiles("callee"));
    const call = caller(listeners, { ...(await certificateFiles("caller")), caFile: other.caFile });
    expect(await refusalOf(call())).to.have.property("reason", "SERVICE_UNAVAILABLE");
  });

  it("go on without a failed call while certificates, and then their authority, are replaced", async () => {
    const caFile = join(run.dir, "trusted.crt");
    const trust = (...authorities: Authority[]) =>
      writeFileSync(caFile, authorities.map(each => readFileSync(each.caFile, "utf8")).join(""));
    trust(authority);
    const callee = { ...(await authority.issue("callee")), caFile };
    const mine = { ...(await authority.issue("caller")), caFile };
    const listeners = await serve(callee);
    const call = caller(listeners, mine);
    let calls = 0;
    let running = true;
    const load = Array.from({ length: 4 }, async () => {
      while (running) {
        await call();
        calls += 1;
      }
    });
    const replaced = async (change: () => Promise<unknown>) => {
      const before = await serialOf(listeners);
      await change();
      await until(async () => (await serialOf(listeners)) !== before, "the new certificate is shown");
    };
    const turnOver = async () => {
      const enough = calls + 50;
      const endsMs = Date.now() + 2 * maxConnectionAgeMs;
      await until(async () => calls > enough && Date.now() > endsMs, "calls went on, on new connections");
    };
    await replaced(() => Promise.all([authority.issue("callee"), authority.issue("caller")]));
    await turnOver();
    trust(authority, other);
    await turnOver();
    await replaced(() => Promise.all([other.issue("callee"), other.issue("caller")]));
    await turnOver();
    trust(other);
    await turnOver();
    running = false;
    await Promise.all(load);
    expect(calls).to.be.greaterThan(200);
  });

  it("keep the last certificate where its files do not belong together, and say so", async () => {
    const callee = await certificateFiles("callee");
    const listeners = await serve(callee);
    const mine = await certificateFiles("caller");
    const before = await serialOf(listeners);
    lines.splice(0);
    writeFileSync(callee.certFile ?? "", readFileSync(mine.certFile ?? ""));
    await until(async () => lines.some(({ msg }) => msg === "certificates not reloaded"), "it is logged");
    expect(await serialOf(listeners)).to.equal(before);
  });

  it("need both files of a certificate", () => {
    expect(() => certificates({ certFile: "callee.crt" })).to.throw("needs its key");
  });
});
