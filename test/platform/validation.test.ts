import { create } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { validator } from "#kit/contract/validation.ts";
import { type Person, signUpAdmin } from "../support/market/people.ts";
import { bearer } from "../support/rpc/callers.ts";
import { refusalsOf } from "../support/rpc/contract-comments.ts";
import {
  allTargets,
  type EntryPoints,
  entryPointNames,
  nameOfTarget,
  openEntryPoints,
  type Target,
} from "../support/rpc/entry-points.ts";
import { signAccessToken, signServiceToken } from "../support/rpc/forged-tokens.ts";
import { noteRefusal } from "../support/rpc/refusals.ts";
import { sharedStack } from "../support/stack/stack.ts";

const userId = 9_200_000_000n;
let admin: Promise<Person> | undefined;

describe("a request without its required fields", () => {
  let stack: Stack;
  let entryPoints: EntryPoints;

  before(async () => {
    stack = await sharedStack();
    entryPoints = openEntryPoints(stack);
  });
  after(() => entryPoints?.close());

  for (const target of allTargets) {
    const { method } = target;
    const wanted = brokenFields(target);
    if (wanted.length === 0) {
      continue;
    }
    it(`is refused by ${nameOfTarget(target)}, with the names of the fields`, async () => {
      const internal = policyOf(method).access === Access.INTERNAL;
      for (const entry of entryPointNames.filter(name => !internal || name !== "gateway")) {
        const headers = await headersOfRightCaller(stack, target);
        const { refusal } = await entryPoints.at(entry, target).call(method, undefined, { headers });
        expect(refusal, entry).to.include({ code: "InvalidArgument", reason: "BAD_REQUEST" });
        expect([...(refusal?.fields ?? [])].sort(), entry).to.deep.equal(wanted);
      }
    });
  }
});

describe("a page token that no service has issued", () => {
  let stack: Stack;
  let entryPoints: EntryPoints;

  before(async () => {
    stack = await sharedStack();
    entryPoints = openEntryPoints(stack);
  });
  after(() => entryPoints?.close());

  for (const target of allTargets.filter(({ method }) => method.input.field.pageToken !== undefined)) {
    const { method } = target;
    it(`is refused by ${nameOfTarget(target)}`, async () => {
      expect(refusalsOf(method)).to.include("INVALID_PAGE_TOKEN");
      const forged = ["garbage", "WyIxIiwiMSJd.", `WyIxIiwiMSJd.${"A".repeat(22)}`];
      for (const pageToken of forged) {
        const request = create(method.input, { ...idsOf(target), pageToken });
        const headers = await headersOfRightCaller(stack, target);
        const { refusal } = await entryPoints.at("grpc listener", target).call(method, request, { headers });
        noteRefusal(method, refusal?.reason);
        // A workspace checks its creator, and a list of something the thing itself, before the page token.
        expect(refusal?.reason).to.be.oneOf(["INVALID_PAGE_TOKEN", "NOT_CREATOR", "NOT_FOUND"]);
      }
    });
  }
});

/** An id for each field that an empty request must not leave out. */
function idsOf(target: Target): Record<string, bigint> {
  const ids = target.method.input.fields.filter(({ name }) => brokenFields(target).includes(name));
  return Object.fromEntries(ids.map(({ localName }) => [localName, userId]));
}

/** The fields whose rules an empty request violates. */
function brokenFields({ method: { input } }: Target): string[] {
  const result = validator.validate(input, create(input));
  return result.kind === "invalid"
    ? result.violations.map(violation => pathToString(violation.field)).sort()
    : [];
}

async function headersOfRightCaller(
  stack: Stack,
  { method, service }: Target,
): Promise<Record<string, string>> {
  const { access, callers } = policyOf(method);
  if (access === Access.INTERNAL) {
    const token = await signServiceToken(stack, { signer: callers[0] ?? "", callee: service, userId });
    return { "x-service-token": token };
  }
  if (access === Access.ADMIN) {
    admin ??= signUpAdmin(stack);
    return bearer((await admin).token);
  }
  return bearer(access === Access.PUBLIC ? undefined : await signAccessToken(stack, { userId }));
}
