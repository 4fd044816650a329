import { create, type DescMethodUnary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import type { Context } from "#kit/contract/context.ts";
import { Failure, reasonName } from "#kit/contract/failure.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { Call, type CallHandler } from "#kit/rpc/call.ts";
import { admitCalls } from "#kit/rpc/interceptors/admit-calls.ts";
import { enforceDeadline } from "#kit/rpc/interceptors/enforce-deadline.ts";
import { allowCaching } from "#kit/rpc/interceptors/restrict-caching.ts";
import { createPipeline } from "#kit/rpc/pipeline.ts";
import { incomingCallOf } from "../support/rpc/incoming-call.ts";

const getCreator = CreatorService.method.getCreator as DescMethodUnary;
const getOwnCreator = CreatorService.method.getOwnCreator as DescMethodUnary;
const getCreatorOfUser = CreatorDirectoryService.method.getCreatorOfUser as DescMethodUnary;
const logout = AuthService.method.logout as DescMethodUnary;

describe("the pipeline of a call", () => {
  const log = createLog("creator", "silent");
  const metrics = createMetrics("creator");
  const refuseToken = async () => {
    throw new Failure(Reason.UNAUTHORIZED_TOKEN);
  };

  /** Calls a method that allows caching, and then fails where `fails`; the only good token is "good". */
  const callOf = async (
    method: DescMethodUnary,
    headers: Record<string, string> = {},
    { fails = false, allows = true } = {},
  ) => {
    const pipeline = createPipeline(
      {
        method,
        handle: async (_request, context) => {
          if (allows) {
            allowCaching(context);
          }
          return fails ? Promise.reject(new Failure(Reason.NOT_FOUND)) : {};
        },
      },
      {
        verifyUserToken: async token =>
          token === "good" ? { kind: "user", userId: 7n, role: "USER" } : refuseToken(),
        verifyServiceToken: async () => ({ kind: "service", service: "question", userId: 7n }),
        limit: async () => {},
        admit: admitCalls({ maxCalls: 1, maxWaitMs: 60_000, connectionWaitedMs: () => 0, metrics }),
        log,
        metrics,
      },
    );
    const fields = { creatorId: 1n, userId: 1n };
    const init = Object.fromEntries(
      Object.entries(fields).filter(([name]) => method.input.field[name] !== undefined),
    );
    const responseHeaders = new Headers();
    const requestHeaders = new Headers(headers);
    const decode = () => create(method.input, init);
    const outcome = await pipeline(incomingCallOf(method, { requestHeaders, responseHeaders, decode })).then(
      () => "answered",
      (error: Failure) => reasonName(error.reason),
    );
    return `${outcome}: ${responseHeaders.get("cache-control")}`;
  };

  it("lets caches store only an answer to an anonymous caller, where the handler allows it", async () => {
    const good = { authorization: "Bearer good" };
    expect(await callOf(getCreator)).to.equal("answered: public, max-age=30");
    const uncached = {
      "an answer that carries a token": await callOf(logout, {}, { allows: false }),
      "a personal answer of a public method": await callOf(getCreator, good),
      "a personal answer": await callOf(getOwnCreator, good),
      "an answer to a service": await callOf(getCreatorOfUser, { "x-service-token": "any" }),
    };
    for (const [about, outcome] of Object.entries(uncached)) {
      expect(outcome, about).to.equal("answered: private, no-store");
    }
  });

  it("lets no cache store a refusal", async () => {
    const refused = {
      "an unknown object": await callOf(getCreator, {}, { fails: true }),
      "an invalid token": await callOf(getCreator, { authorization: "Bearer bad" }),
      "no token": await callOf(getOwnCreator),
    };
    expect(refused).to.deep.equal({
      "an unknown object": "NOT_FOUND: private, no-store",
      "an invalid token": "UNAUTHORIZED_TOKEN: private, no-store",
      "no token": "UNAUTHORIZED_TOKEN: private, no-store",
    });
  });

  it("refuses calls at once while as many are in flight as a service takes on, whatever their methods", async () => {
    const limit = admitCalls({ maxCalls: 2, maxWaitMs: 60_000, connectionWaitedMs: () => 0, metrics })(
      policyOf(getCreator),
    );
    const running: PromiseWithResolvers<object>[] = [];
    const handle = limit(() => {
      running.push(Promise.withResolvers<object>());
      return running.at(-1)?.promise as ReturnType<CallHandler>;
    });
    const other = limit(async () => ({}));
    const call = {} as Parameters<CallHandler>[0];
    const [first, second] = [handle(call), handle(call)];
    for (const refused of [handle(call), other(call)]) {
      const reason = await refused.catch((error: Failure) => reasonName(error.reason));
      expect(reason).to.equal("SERVICE_UNAVAILABLE");
    }
    expect(running).to.have.length(2);
    running[0]?.resolve({});
    running[1]?.reject(new Failure(Reason.NOT_FOUND));
    await Promise.allSettled([first, second]);
    expect(await Promise.all([other(call), other(call)])).to.deep.equal([{}, {}]);
  });

  it("ends at once when its caller hangs up, and the handler's signal says why, also if asked for later", async () => {
    let hangUp = () => {};
    const contexts: Context[] = [];
    const work = Promise.withResolvers<object>();
    const call = enforceDeadline(policyOf(getCreator))(context => {
      contexts.push(context);
      return contexts.length === 1 ? work.promise : Promise.resolve({});
    });
    const onHangUp = (listener: () => void) => {
      hangUp = listener;
    };
    const incoming = () => new Call(getCreator, incomingCallOf(getCreator, { onHangUp }));
    const cancelled = call(incoming());
    const asked = contexts[0]?.signal;
    hangUp();
    const { reason } = (await cancelled.catch((error: unknown) => error)) as Failure;
    expect(reasonName(reason)).to.equal("REQUEST_CANCELLED");
    work.resolve({});
    await call(incoming());
    // The connection may close after the answer.
    hangUp();
    expect([asked?.aborted, contexts[0]?.signal.reason.reason]).to.deep.equal([true, reason]);
    expect(contexts[1]?.signal.aborted).to.equal(false);
    const unasked = call(incoming());
    hangUp();
    await unasked.catch(() => {});
    expect(contexts[2]?.signal.aborted).to.equal(true);
  });

  it("takes the scheme of a token in any case", async () => {
    for (const authorization of ["Bearer good", "bearer good", "BEARER  good"]) {
      expect(await callOf(getOwnCreator, { authorization }), authorization).to.match(/^answered/);
    }
    for (const authorization of ["Basic good", "bearer", "bearer ", "bearergood", "bearer good good"]) {
      const outcome = await callOf(getOwnCreator, { authorization });
      expect(outcome, authorization).to.match(/^UNAUTHORIZED_TOKEN/);
    }
  });
});
