import { randomInt } from "node:crypto";
import { ConnectError } from "@connectrpc/connect";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { signUp } from "../support/market/people.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { type Refusal, readConnectError } from "../support/rpc/refusal.ts";
import { participantStack } from "../support/stack/participant-stack.ts";

describe("the name of a creator", () => {
  let stack: Stack;

  before(async () => {
    stack = await participantStack();
  });

  async function register(name: string) {
    const person = await signUp(stack);
    const client = createPublicClient(stack, CreatorService, { token: person.token });
    const content = { name, mainSubject: Subject.CHEMISTRY, introduction: "소개" };
    return { client, content, registering: client.registerCreator({ content }) };
  }

  it("is taken in every form that people can hardly tell apart", async () => {
    const name = `Math 각 ${syllables(8)}`;
    const { client, content, registering } = await register(name);
    await registering;
    const others = [
      name.normalize("NFD"),
      name.toUpperCase(),
      name.replace("Math", "Ｍａｔｈ"),
      name.replace("Math", "Mаth"),
      name.replaceAll(" ", "  "),
      name.replaceAll(" ", "\u3000"),
    ];
    for (const other of others) {
      const refused = await refusalOf((await register(other)).registering);
      expect(refused.reason, JSON.stringify(other)).to.equal("DUPLICATE_CREATOR_NAME");
    }
    const changed = { ...content, name: name.toUpperCase() };
    expect((await client.updateOwnCreator({ content: changed })).creator?.name).to.equal(changed.name);
  });

  it("is free where only the emoji, or the syllables, are others", async () => {
    const name = syllables(8);
    for (const other of [`${name} 🍎🍎`, `${name} 🍊🍊`, `${name} 각가`, `${name} 가까`]) {
      const { creator } = await (await register(other)).registering;
      expect(creator?.name).to.equal(other);
    }
  });

  it("is shown composed, however it was sent", async () => {
    const name = `${syllables(8)} 가나다`;
    const { creator } = await (await register(name.normalize("NFD"))).registering;
    expect(creator?.name).to.equal(name);
  });

  it("is refused, with its path, where a part of it cannot be seen", async () => {
    const wrong = [
      "가\0나",
      "가\u200b나",
      "\u202e가나",
      "가\u3164나",
      "가\n나",
      "\u00a0가나",
      "가나\u3000",
      "\u3164\u3164",
    ];
    for (const name of wrong) {
      const { reason, fields } = await refusedWith((await register(name)).registering);
      expect(reason, JSON.stringify(name)).to.equal("BAD_REQUEST");
      expect(new Set(fields), JSON.stringify(name)).to.deep.equal(new Set(["content.name"]));
    }
  });
});

async function refusedWith(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(() => expect.fail("accepted"), ConnectError.from);
  return readConnectError(error);
}

function syllables(count: number): string {
  return String.fromCodePoint(...Array.from({ length: count }, () => randomInt(0xac00, 0xd7a4)));
}
