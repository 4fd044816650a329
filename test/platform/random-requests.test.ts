import { toJsonString } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import fc from "fast-check";
import type { Stack } from "#dev/stack/stack.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { validMessage } from "../support/input/messages.ts";
import { runs } from "../support/input/runs.ts";
import { withUnknownIds } from "../support/input/unknown-ids.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { signUpAuthor, writeDraft } from "../support/market/questions.ts";
import { bearer } from "../support/rpc/callers.ts";
import {
  allTargets,
  type EntryPoints,
  nameOfTarget,
  openEntryPoints,
  type Target,
} from "../support/rpc/entry-points.ts";
import { signServiceToken } from "../support/rpc/forged-tokens.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";

/** Internal methods that write hold something for a purchase that pay does not know. */
const targets = allTargets.filter(
  ({ method }) =>
    policyOf(method).access !== Access.INTERNAL || method.idempotency === Idempotency.NO_SIDE_EFFECTS,
);

describe("a random request that keeps the rules of its contract", () => {
  let stack: Stack;
  let entryPoints: EntryPoints;
  let tokens: { user: string; admin: string };
  let userId: bigint;

  before(async () => {
    stack = await sharedStack();
    entryPoints = openEntryPoints(stack);
    const [author, admin] = await Promise.all([signUpAuthor(stack), signUpAdmin(stack)]);
    await writeDraft(author);
    tokens = { user: author.token, admin: admin.token };
    userId = author.userId;
  });
  after(async () => {
    entryPoints?.close();
    await waitUntilIdle(stack);
  });

  for (const target of targets) {
    it(`is answered or refused by ${nameOfTarget(target)}, and is never its fault`, async () => {
      const { method } = target;
      const isOperators =
        policyOf(method).access === Access.ADMIN && method.idempotency !== Idempotency.NO_SIDE_EFFECTS;
      const headers = await headersFor(target);
      await fc.assert(
        fc.asyncProperty(validMessage(method.input), async made => {
          const request = isOperators ? withUnknownIds(method.input, made) : made;
          const { refusal } = await entryPoints
            .at("grpc listener", target)
            .call(method, request, { headers });
          expect(refusal?.code ?? "", toJsonString(method.input, request)).not.to.be.oneOf(faults);
        }),
        runs(3),
      );
    });
  }

  async function headersFor({ method, service }: Target): Promise<Record<string, string>> {
    const { access, callers } = policyOf(method);
    if (access === Access.INTERNAL) {
      const token = await signServiceToken(stack, { signer: callers[0] ?? "", callee: service, userId });
      return { "x-service-token": token };
    }
    return bearer(access === Access.ADMIN ? tokens.admin : tokens.user);
  }
});

const faults = ["Internal", "Unknown", "Unavailable", "DeadlineExceeded", "DataLoss"];
