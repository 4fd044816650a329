import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { bearer } from "../support/rpc/callers.ts";
import { refusalsOf } from "../support/rpc/contract-comments.ts";
import {
  allTargets,
  type EntryPointName,
  type EntryPoints,
  entryPointNames,
  nameOfTarget,
  openEntryPoints,
  type Target,
} from "../support/rpc/entry-points.ts";
import {
  forgeAccessTokens,
  forgeServiceTokens,
  signAccessToken,
  signServiceToken,
} from "../support/rpc/forged-tokens.ts";
import { revokeAdmin } from "../support/stack/grant-admin.ts";
import { sharedStack } from "../support/stack/stack.ts";

// No service knows this user: calls are refused because of the caller, not because of what they ask for.
const userId = 9_100_000_000n;
const listeners = entryPointNames.filter(name => name !== "gateway");

describe("who may call", () => {
  let stack: Stack;
  let entryPoints: EntryPoints;
  let userToken: string;
  let forged: Record<string, string>;
  let formerAdmins: Record<string, string>;

  before(async () => {
    stack = await sharedStack();
    entryPoints = openEntryPoints(stack);
    userToken = await signAccessToken(stack, { userId });
    forged = await forgeAccessTokens(stack, userId);
    const former = await signUpAdmin(stack);
    await revokeAdmin(stack, former.email);
    formerAdmins = {
      "lost the role": former.token,
      "has no account": await signAccessToken(stack, { userId, role: "ADMIN" }),
    };
  });
  after(() => entryPoints?.close());

  const reasonAt = async (entry: EntryPointName, target: Target, headers: Record<string, string>) => {
    const { refusal } = await entryPoints.at(entry, target).call(target.method, undefined, { headers });
    return refusal?.reason;
  };
  const expectAt = async (
    entry: EntryPointName,
    target: Target,
    headers: Record<string, string>,
    reason: string,
    about = "",
  ) => expect(await reasonAt(entry, target, headers), `${entry} ${about}`).to.equal(reason);

  // The gateway checks all routes alike, so it gets one forged token here and all of them in refusals.test.ts.
  const expectNoForgery = async (target: Target) => {
    const refuse = (entry: EntryPointName, authorization: string, about: string) =>
      expectAt(entry, target, { authorization }, "UNAUTHORIZED_TOKEN", about);
    await refuse("gateway", `Bearer ${forged["has expired"]}`, "has expired");
    for (const entry of listeners) {
      await refuse(entry, "Basic dTpw", "is a password");
      await Promise.all(
        Object.entries(forged).map(([flaw, token]) => refuse(entry, `Bearer ${token}`, flaw)),
      );
    }
  };

  describe("public methods", () => {
    for (const target of targetsFor(Access.PUBLIC)) {
      it(`${nameOfTarget(target)} needs no token but refuses an invalid one`, async () => {
        for (const entry of entryPointNames) {
          const reason = await reasonAt(entry, target, {});
          if (!refusalsOf(target.method).includes("UNAUTHORIZED_TOKEN")) {
            expect(reason, entry).not.to.equal("UNAUTHORIZED_TOKEN");
          }
          expect(reason, entry).not.to.be.oneOf([
            "FORBIDDEN",
            "METHOD_NOT_FOUND",
            "SERVICE_UNAVAILABLE",
            "INTERNAL_SERVER_ERROR",
          ]);
        }
        await expectNoForgery(target);
      });
    }
  });

  describe("methods for users", () => {
    for (const target of targetsFor(Access.USER)) {
      it(`${nameOfTarget(target)} needs a valid token`, async () => {
        for (const entry of entryPointNames) {
          await expectAt(entry, target, {}, "UNAUTHORIZED_TOKEN");
        }
        await expectNoForgery(target);
      });
    }

    it("refuse the token of a service that acts on behalf of a user", async () => {
      for (const target of targetsFor(Access.USER)) {
        const token = await signServiceToken(stack, { signer: "pay", callee: target.service, userId });
        const name = nameOfTarget(target);
        for (const entry of listeners) {
          await expectAt(entry, target, { "x-service-token": token }, "UNAUTHORIZED_TOKEN", name);
          await expectAt(entry, target, bearer(token), "UNAUTHORIZED_TOKEN", name);
        }
      }
    });
  });

  describe("methods for administrators", () => {
    for (const target of targetsFor(Access.ADMIN)) {
      it(`${nameOfTarget(target)} refuses users, and who is no administrator any more`, async () => {
        for (const entry of entryPointNames) {
          await expectAt(entry, target, {}, "UNAUTHORIZED_TOKEN");
          await expectAt(entry, target, bearer(userToken), "FORBIDDEN");
          for (const [about, token] of Object.entries(formerAdmins)) {
            await expectAt(entry, target, bearer(token), "FORBIDDEN", about);
          }
        }
        await expectNoForgery(target);
      });
    }
  });

  describe("internal methods", () => {
    for (const target of targetsFor(Access.INTERNAL)) {
      const { callers } = policyOf(target.method);
      const callee = target.service;

      it(`${nameOfTarget(target)} accepts only ${callers.join(", ")}`, async () => {
        for (const entry of listeners) {
          const refuse = (token: string, reason: string, about: string) =>
            expectAt(entry, target, { "x-service-token": token }, reason, about);
          await expectAt(entry, target, {}, "UNAUTHORIZED_TOKEN", "no token");
          await expectAt(entry, target, bearer(userToken), "UNAUTHORIZED_TOKEN", "a user");
          await refuse(userToken, "UNAUTHORIZED_TOKEN", "a user's token instead of a service's");
          for (const other of serviceNames.filter(name => !callers.includes(name))) {
            const token = await signServiceToken(stack, { signer: other, callee, userId });
            await refuse(token, "FORBIDDEN", other);
          }
          for (const caller of callers) {
            const flawed = Object.entries(await forgeServiceTokens(stack, { caller, callee }));
            await Promise.all(
              flawed.map(([flaw, token]) => refuse(token, "UNAUTHORIZED_TOKEN", `${caller}'s token ${flaw}`)),
            );
            const token = await signServiceToken(stack, { signer: caller, callee, userId });
            const reason = await reasonAt(entry, target, { "x-service-token": token });
            expect(reason, caller).not.to.be.oneOf([
              "UNAUTHORIZED_TOKEN",
              "FORBIDDEN",
              "INTERNAL_SERVER_ERROR",
            ]);
          }
        }
      });
    }
  });
});

function targetsFor(access: Access): Target[] {
  return allTargets.filter(({ method }) => policyOf(method).access === access);
}
