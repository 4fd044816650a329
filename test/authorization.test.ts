import type { DescMethodUnary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { policyOf } from "#kit/policy.ts";
import type { Stack } from "../dev/stack.ts";
import { serviceNames } from "../ops/services.ts";
import { bearer } from "./support/callers.ts";
import { refusalsOf } from "./support/contract-comments.ts";
import { allMethods, type DoorName, type Doors, doorNames, openDoors, serviceOf } from "./support/doors.ts";
import {
  forgeAccessTokens,
  forgeMeshTokens,
  signAccessToken,
  signMeshToken,
} from "./support/forged-tokens.ts";
import { sharedStack } from "./support/stack.ts";

// A user whom no service knows: what these calls are refused for is who calls, and not what they ask for.
const userId = 9_100_000_000n;
const listeners = doorNames.filter(door => door !== "gateway");

describe("who may call", () => {
  let stack: Stack;
  let doors: Doors;
  let userToken: string;
  let forged: Record<string, string>;

  before(async () => {
    stack = await sharedStack();
    doors = openDoors(stack);
    userToken = await signAccessToken(stack, { userId });
    forged = await forgeAccessTokens(stack, userId);
  });
  after(() => doors?.close());

  const reasonAt = async (door: DoorName, method: DescMethodUnary, headers: Record<string, string>) => {
    const { refusal } = await doors.at(door, method).call(method, undefined, { headers });
    return refusal?.reason;
  };
  const expectAt = async (
    door: DoorName,
    method: DescMethodUnary,
    headers: Record<string, string>,
    reason: string,
    about = "",
  ) => expect(await reasonAt(door, method, headers), `${door} ${about}`).to.equal(reason);

  // The gateway checks all routes alike; gateway-refusals.test.ts shows it every forgery.
  const expectNoForgery = async (method: DescMethodUnary) => {
    const refuse = (door: DoorName, authorization: string, about: string) =>
      expectAt(door, method, { authorization }, "UNAUTHORIZED_TOKEN", about);
    await refuse("gateway", `Bearer ${forged["has expired"]}`, "has expired");
    for (const door of listeners) {
      await refuse(door, "Basic dTpw", "is a password");
      await Promise.all(Object.entries(forged).map(([flaw, token]) => refuse(door, `Bearer ${token}`, flaw)));
    }
  };

  describe("methods for everybody", () => {
    for (const method of methodsFor(Access.PUBLIC)) {
      it(`${nameOf(method)} wants no token, but refuses a bad one`, async () => {
        for (const door of doorNames) {
          const reason = await reasonAt(door, method, {});
          if (!refusalsOf(method).includes("UNAUTHORIZED_TOKEN")) {
            expect(reason, door).not.to.equal("UNAUTHORIZED_TOKEN");
          }
          expect(reason, door).not.to.be.oneOf([
            "FORBIDDEN",
            "METHOD_NOT_FOUND",
            "SERVICE_UNAVAILABLE",
            "INTERNAL_SERVER_ERROR",
          ]);
        }
        await expectNoForgery(method);
      });
    }
  });

  describe("methods for users", () => {
    for (const method of methodsFor(Access.USER)) {
      it(`${nameOf(method)} wants a good token`, async () => {
        for (const door of doorNames) {
          await expectAt(door, method, {}, "UNAUTHORIZED_TOKEN");
        }
        await expectNoForgery(method);
      });
    }

    it("take no word of a neighbour for a user", async () => {
      for (const method of methodsFor(Access.USER)) {
        const token = await signMeshToken(stack, { signer: "pay", callee: serviceOf(method), userId });
        for (const door of listeners) {
          await expectAt(door, method, { "x-service-token": token }, "UNAUTHORIZED_TOKEN", nameOf(method));
          await expectAt(door, method, bearer(token), "UNAUTHORIZED_TOKEN", nameOf(method));
        }
      }
    });
  });

  describe("methods for operators", () => {
    for (const method of methodsFor(Access.ADMIN)) {
      it(`${nameOf(method)} is closed to users`, async () => {
        for (const door of doorNames) {
          await expectAt(door, method, {}, "UNAUTHORIZED_TOKEN");
          await expectAt(door, method, bearer(userToken), "FORBIDDEN");
        }
        await expectNoForgery(method);
      });
    }
  });

  describe("methods of the mesh", () => {
    for (const method of methodsFor(Access.MESH)) {
      const { callers } = policyOf(method);
      const callee = serviceOf(method);

      it(`${nameOf(method)} is for ${callers.join(", ")} alone`, async () => {
        for (const door of listeners) {
          const refuse = (token: string, reason: string, about: string) =>
            expectAt(door, method, { "x-service-token": token }, reason, about);
          await expectAt(door, method, {}, "UNAUTHORIZED_TOKEN", "no token");
          await expectAt(door, method, bearer(userToken), "UNAUTHORIZED_TOKEN", "a user");
          await refuse(userToken, "UNAUTHORIZED_TOKEN", "a user's token in the place of a service's");
          for (const other of serviceNames.filter(name => !callers.includes(name))) {
            const token = await signMeshToken(stack, { signer: other, callee, userId });
            await refuse(token, "FORBIDDEN", other);
          }
          for (const caller of callers) {
            const flawed = Object.entries(await forgeMeshTokens(stack, { caller, callee }));
            await Promise.all(
              flawed.map(([flaw, token]) => refuse(token, "UNAUTHORIZED_TOKEN", `${caller}'s token ${flaw}`)),
            );
            const token = await signMeshToken(stack, { signer: caller, callee, userId });
            const reason = await reasonAt(door, method, { "x-service-token": token });
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

function methodsFor(access: Access): DescMethodUnary[] {
  return allMethods.filter(method => policyOf(method).access === access);
}

function nameOf(method: DescMethodUnary): string {
  return `${method.parent.name}.${method.name}`;
}
