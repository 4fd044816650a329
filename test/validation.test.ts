import { create, type DescMethodUnary } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { expect } from "chai";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { policyOf } from "#kit/policy.ts";
import type { Stack } from "../dev/stack.ts";
import { bearer } from "./support/callers.ts";
import { refusalsOf } from "./support/contract-comments.ts";
import { allMethods, type Doors, doorNames, openDoors, serviceOf } from "./support/doors.ts";
import { signAccessToken, signMeshToken } from "./support/forged-tokens.ts";
import { noteRefusal } from "./support/refusals.ts";
import { sharedStack } from "./support/stack.ts";

const userId = 9_200_000_000n;
const validator = createValidator();

describe("a request without what it needs", () => {
  let stack: Stack;
  let doors: Doors;

  before(async () => {
    stack = await sharedStack();
    doors = openDoors(stack);
  });
  after(() => doors?.close());

  for (const method of allMethods) {
    const wanted = brokenFields(method);
    if (wanted.length === 0) {
      continue;
    }
    it(`is refused by ${method.parent.name}.${method.name}, with the names of the fields`, async () => {
      const mesh = policyOf(method).access === Access.MESH;
      for (const door of doorNames.filter(name => !mesh || name !== "gateway")) {
        const headers = await headersOfRightCaller(stack, method);
        const { refusal } = await doors.at(door, method).call(method, undefined, { headers });
        expect(refusal, door).to.include({ code: "InvalidArgument", reason: "BAD_REQUEST" });
        expect([...(refusal?.fields ?? [])].sort(), door).to.deep.equal(wanted);
      }
    });
  }
});

describe("a page token that was not given out", () => {
  let stack: Stack;
  let doors: Doors;

  before(async () => {
    stack = await sharedStack();
    doors = openDoors(stack);
  });
  after(() => doors?.close());

  for (const method of allMethods.filter(({ input }) => input.field.pageToken !== undefined)) {
    it(`is refused by ${method.parent.name}.${method.name}`, async () => {
      expect(refusalsOf(method)).to.include("INVALID_PAGE_TOKEN");
      const forged = ["garbage", "WyIxIiwiMSJd.", `WyIxIiwiMSJd.${"A".repeat(22)}`];
      for (const pageToken of forged) {
        const request = create(method.input, { pageToken, creatorId: userId } as Record<string, unknown>);
        const headers = await headersOfRightCaller(stack, method);
        const { refusal } = await doors.at("grpc listener", method).call(method, request, { headers });
        noteRefusal(method, refusal?.reason);
        // The workspace of a creator looks at who calls before it asks for the list.
        expect(refusal?.reason).to.be.oneOf(["INVALID_PAGE_TOKEN", "NOT_CREATOR"]);
      }
    });
  }
});

/** What the contract says about an empty request. */
function brokenFields({ input }: DescMethodUnary): string[] {
  const result = validator.validate(input, create(input));
  return result.kind === "invalid"
    ? result.violations.map(violation => pathToString(violation.field)).sort()
    : [];
}

async function headersOfRightCaller(stack: Stack, method: DescMethodUnary): Promise<Record<string, string>> {
  const { access, callers } = policyOf(method);
  if (access === Access.MESH) {
    const token = await signMeshToken(stack, { signer: callers[0] ?? "", callee: serviceOf(method), userId });
    return { "x-service-token": token };
  }
  const role = access === Access.ADMIN ? "ADMIN" : "USER";
  return bearer(access === Access.PUBLIC ? undefined : await signAccessToken(stack, { userId, role }));
}
