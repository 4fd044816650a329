import type { DescMessage } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { methodName, policyOf } from "#kit/contract/policy.ts";
import { openEstate } from "../support/access/estate.ts";
import {
  type ForeignRequest,
  foreignRequests,
  namesNobodysObject,
} from "../support/access/foreign-objects.ts";
import { bearer } from "../support/rpc/callers.ts";
import {
  allTargets,
  type EntryPoints,
  entryPointNames,
  nameOfTarget,
  openEntryPoints,
} from "../support/rpc/entry-points.ts";
import { noteRefusal } from "../support/rpc/refusals.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";
import { checksumTables } from "../support/stores/checksums.ts";

/** Methods for users whose requests name an object. */
const targets = allTargets.filter(
  target =>
    policyOf(target.method).access === Access.USER &&
    namesObject(target.method.input) &&
    !(nameOfTarget(target) in namesNobodysObject),
);

describe("a user who names what belongs to another", () => {
  let stack: Stack;
  let entryPoints: EntryPoints;
  let token: string;
  let requests: readonly ForeignRequest[];
  let untouched: ReadonlyMap<string, string>;

  before(async () => {
    stack = await sharedStack();
    entryPoints = openEntryPoints(stack);
    const estate = await openEstate(stack);
    token = estate.intruder.token;
    requests = foreignRequests(estate);
    await waitUntilIdle(stack);
    untouched = await checksumTables(stack);
  });
  after(() => entryPoints?.close());

  for (const target of targets) {
    it(`gets nothing from ${nameOfTarget(target)}`, async () => {
      const { method } = target;
      const own = requests.filter(request => methodName(request.method) === methodName(method));
      expect(own, "test/support/access/foreign-objects.ts has a request for it").not.to.have.length(0);
      for (const { request, reason } of own) {
        for (const entry of entryPointNames) {
          const { refusal } = await entryPoints
            .at(entry, target)
            .call(method, request, { headers: bearer(token) });
          noteRefusal(method, refusal?.reason);
          expect(refusal?.reason, entry).to.equal(reason);
        }
      }
    });
  }

  it("has changed nothing in any table of any service", async () => {
    await waitUntilIdle(stack);
    const after = await checksumTables(stack);
    const changed = [...after].filter(([table, sum]) => untouched.get(table) !== sum).map(([table]) => table);
    expect(changed).to.deep.equal([]);
  });
});

/** True where a request has an id of a thing, or a token that was sent to one user. */
function namesObject({ fields }: DescMessage): boolean {
  return fields.some(field =>
    field.message === undefined
      ? /(?:_ids?|^token|^confirmation_token)$/.test(field.name) && field.name !== "request_id"
      : namesObject(field.message),
  );
}
