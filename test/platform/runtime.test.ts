import { readdirSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { createDatabase } from "#kit/data/database.ts";
import { unloggedFields } from "#kit/process/log.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { bearer, type Caller, createCaller } from "../support/rpc/callers.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { type HealthClient, listReflected, openHealth } from "../support/rpc/grpc-services.ts";
import { completeLines } from "../support/stack/complete-lines.ts";
import { callDurationMetric, countCalls } from "../support/stack/metrics.ts";
import { type Replica, type ReplicaProcess, startReplica } from "../support/stack/replica.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { startTcpGate, type TcpGate } from "../support/stack/tcp-gate.ts";
import { until } from "../support/stack/until.ts";

const { listUserCoupons } = CouponService.method;
const { login, logout } = AuthService.method;
const { changePassword } = AccountService.method;

describe("a running service", () => {
  let stack: Stack;
  let database: TcpGate;
  let coupon: Replica;
  let user: ReplicaProcess;
  let health: HealthClient;
  let caller: Caller;
  let userCaller: Caller;
  let headers: Record<string, string>;
  let person: Person;

  before(async () => {
    stack = await sharedStack();
    database = await startTcpGate(Number(new URL(stack.mariadb.url).port));
    const through = (service: string) => {
      const url = new URL(stack.env[`${service.toUpperCase()}_DATABASE_URL`] ?? "");
      url.port = String(database.port);
      return { [`${service.toUpperCase()}_DATABASE_URL`]: url.toString(), LOG_LEVEL: "debug" };
    };
    [coupon, user] = await Promise.all([
      startReplica(stack, "coupon", { ...through("coupon"), GRPC_REFLECTION: "true" }),
      startReplica(stack, "user", { ...through("user"), GRPC_REFLECTION: "false" }),
    ]);
    health = openHealth(coupon.grpcUrl);
    caller = createCaller("grpc-js", coupon.grpcUrl);
    userCaller = createCaller("connect-web", user.httpUrl);
    headers = bearer(await signAccessToken(stack, { userId: 9_500_000_000n }));
    person = await signUp(stack);
  });
  beforeEach(() => database.open());
  after(async () => {
    health?.close();
    caller?.close();
    await Promise.all([coupon, user].map(replica => replica?.stop()));
    await database?.close();
  });

  const probe = async (replica: Replica, path: string) => (await fetch(replica.probeUrl + path)).status;

  it("is live and ready, and live but not ready while its database is unavailable", async () => {
    for (const replica of [coupon, user]) {
      expect(await probe(replica, "/livez")).to.equal(200);
      expect(await probe(replica, "/readyz")).to.equal(200);
    }
    database.shut();
    await until(async () => (await probe(coupon, "/readyz")) === 503, "the service is not ready");
    expect(await probe(coupon, "/livez")).to.equal(200);
    const { refusal } = await caller.call(listUserCoupons, undefined, { headers });
    expect(refusal).to.include({ code: "Unavailable", reason: "SERVICE_UNAVAILABLE" });
    database.open();
    await until(async () => (await probe(coupon, "/readyz")) === 200, "the service is ready again");
    await until(
      async () => (await caller.call(listUserCoupons, undefined, { headers })).refusal === undefined,
      "calls are answered again",
    );
  });

  it("serves probes and metrics on its probe port only", async () => {
    for (const path of ["/metrics", "/livez", "/readyz"]) {
      expect((await fetch(coupon.httpUrl + path)).status, path).to.equal(404);
    }
    expect(await probe(coupon, "/nothing")).to.equal(404);
  });

  it("measures calls by method, code and protocol", async () => {
    const count = (labels: { code: string; protocol: string }) =>
      countCalls(coupon, { method: `${CouponService.typeName}/ListUserCoupons`, ...labels });
    const answered = { code: "OK", protocol: "grpc" };
    const before = await count(answered);
    await caller.call(listUserCoupons, undefined, { headers });
    expect(await count(answered)).to.equal(before + 1);
    const get = createCaller("connect-web GET", coupon.httpUrl);
    await get.call(listUserCoupons);
    expect(await count({ code: "UNAUTHENTICATED", protocol: "connect-get" })).to.equal(1);
    const text = await (await fetch(`${coupon.probeUrl}/metrics`)).text();
    for (const name of [
      `${callDurationMetric}_bucket`,
      "outbox_pending",
      "outbox_parked",
      "job_runs_total",
      "nodejs_eventloop_delay_max_seconds",
    ]) {
      expect(text).to.match(new RegExp(`^${name}[{ ]`, "m"));
    }
    expect(text).not.to.include("9500000000");
  });

  it("answers health checks, and reflection if that is enabled", async () => {
    expect(await health.check()).to.equal("SERVING");
    const services = await listReflected(coupon.grpcUrl);
    expect(services).to.include.members([
      "grpc.health.v1.Health",
      "questioncloud.coupon.v1.CouponService",
      "questioncloud.coupon.v1.CouponHoldService",
    ]);
    const closed = await listReflected(user.grpcUrl).catch((error: { code?: number }) => error.code);
    expect(closed).to.equal(12);
  });

  it("logs lines of JSON without secrets, even when calls fail", async () => {
    const { email, password, token } = person;
    const secrets = { email, password, newPassword: "battery-staple-2" };
    const logIn = () => userCaller.call(login, create(login.input, { email, password }));
    const { answer } = await logIn();
    const { tokens } = answer as unknown as { tokens: { accessToken: string; refreshToken: string } };
    await userCaller.call(login, create(login.input, { email, password: "wrong-password-3" }));
    const wrongChange = { currentPassword: "wrong-password-3", newPassword: secrets.newPassword };
    await userCaller.call(changePassword, create(changePassword.input, wrongChange), {
      headers: bearer(token),
    });
    const { refreshToken, accessToken } = tokens;
    await userCaller.call(logout, create(logout.input, { refreshToken }), {
      headers: { ...bearer(accessToken), cookie: "refresh_token=cookie-secret-4" },
    });
    database.shut();
    await until(async () => (await logIn()).refusal?.reason === "SERVICE_UNAVAILABLE", "login fails");
    database.open();
    // A line may be written after its call is answered.
    const replicaLogs = await until(() => {
      const read = readLogs(join(user.process.logFile, ".."));
      const calls = read.filter(line => line.startsWith("{")).map(line => JSON.parse(line));
      const codes = calls.filter(line => line.method?.endsWith("/Login")).map(line => line.code);
      return ["OK", "UNAUTHENTICATED", "UNAVAILABLE"].every(code => codes.includes(code)) && read;
    }, "each outcome of a login is logged");
    const lines = [
      ...replicaLogs,
      ...readLogs(join(stack.dir, "logs"), /^(?!site|mail|psp|identity|gateway)/),
    ];
    for (const line of lines) {
      expect(() => JSON.parse(line), line).not.to.throw();
    }
    const all = lines.join("\n");
    const [, payload = "", signature = ""] = accessToken.split(".");
    const wrong = ["wrong-password-3", "cookie-secret-4", refreshToken, payload, signature, token];
    for (const secret of [...Object.values(secrets), ...wrong]) {
      expect(all.includes(secret), secret).to.equal(false);
    }
    for (const field of unloggedFields) {
      expect(all).not.to.match(new RegExp(`"${field}":"(?!\\[redacted\\])`));
    }
  });

  it("does not repeat values in database errors", async () => {
    const own = createDatabase({ url: stack.env.COUPON_DATABASE_URL ?? "", poolSize: 2 });
    const statement = "SELECT * FROM no_such_table WHERE code IN (?)";
    const errors = [
      await own.query(statement, ["SECRET-CODE"]).catch((error: unknown) => error),
      await own.transaction(tx => tx.execute(statement, [["SECRET-CODE"]])).catch((error: unknown) => error),
    ];
    await own.close();
    for (const error of errors) {
      expect(inspect(error)).to.include("no_such_table").and.not.include("SECRET-CODE");
    }
  });
});

function readLogs(dir: string, name = /./): string[] {
  return readdirSync(dir)
    .filter(file => file.endsWith(".log") && name.test(file))
    .flatMap(file => completeLines(join(dir, file)));
}
