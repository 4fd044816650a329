import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { methodName, policyOf } from "#kit/contract/policy.ts";
import { type Requests, requestsOf, trustsToken } from "../support/access/inactive-users.ts";
import { createMarket } from "../support/market/market.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { openSocialSuite } from "../support/market/social.ts";
import { password } from "../support/market/user-suite.ts";
import { bearer } from "../support/rpc/callers.ts";
import { createPublicClient } from "../support/rpc/clients.ts";
import { refusalsOf } from "../support/rpc/contract-comments.ts";
import {
  allTargets,
  type EntryPoints,
  entryPointNames,
  nameOfTarget,
  openEntryPoints,
} from "../support/rpc/entry-points.ts";
import { sharedStack } from "../support/stack/stack.ts";

const writes = allTargets.filter(
  ({ method }) =>
    policyOf(method).access === Access.USER && method.idempotency !== Idempotency.NO_SIDE_EFFECTS,
);
const fresh = writes.filter(({ method }) => refusalsOf(method).includes("NOT_ACTIVE_USER"));

describe("a user whose access token outlives the account", () => {
  let stack: Stack;
  let entryPoints: EntryPoints;
  const users: Record<string, Person & { requests: Requests }> = {};

  before(async () => {
    stack = await sharedStack();
    entryPoints = openEntryPoints(stack);
    const [market, social] = await Promise.all([
      createMarket(stack, { questionCount: 1 }),
      openSocialSuite(),
    ]);
    for (const state of ["banned", "withdrawn"]) {
      const person = await signUp(stack);
      users[state] = { ...person, requests: await requestsOf(market, social, person) };
    }
    await social.close();
    const { banned, withdrawn } = users;
    const admin = createPublicClient(stack, UserAdminService, { token: market.admin.token });
    await admin.banUser({ userId: banned?.userId ?? 0n, reason: "for a test" });
    const account = createPublicClient(stack, AccountService, { token: withdrawn?.token });
    await account.withdraw({ password, waivePoints: true });
  });
  after(() => entryPoints?.close());

  it("is refused by every method that writes, unless it is said why not", () => {
    const others = writes.filter(target => !fresh.includes(target)).map(nameOfTarget);
    expect(Object.keys(trustsToken)).to.have.members(others);
  });

  for (const target of fresh) {
    it(`is refused by ${nameOfTarget(target)}, banned or withdrawn`, async () => {
      for (const [state, { token, requests }] of Object.entries(users)) {
        const known = requests.get(methodName(target.method)) ?? [];
        expect(known, "test/support/access/inactive-users.ts has a request for it").not.to.have.length(0);
        for (const [index, entry] of entryPointNames.entries()) {
          const request = known[index % known.length];
          const { refusal } = await entryPoints
            .at(entry, target)
            .call(target.method, request, { headers: bearer(token) });
          expect(refusal?.reason, `${state} at the ${entry}`).to.equal("NOT_ACTIVE_USER");
        }
      }
    });
  }
});
