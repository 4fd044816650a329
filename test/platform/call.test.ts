import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { root } from "#dev/stack/root.ts";
import { stackFileOf, writeStackFile } from "#dev/stack/running-stack.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { protoServices } from "#kit/contract/contracts.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("npm run call", () => {
  let stack: Stack;
  let person: Person;

  before(async () => {
    stack = await sharedStack();
    writeStackFile(stack.dir, { ...stack, users: [] });
    person = await signUp(stack);
  });

  async function runHere(...args: string[]) {
    const child = spawn(process.execPath, [join(root, "dev/call.ts"), ...args]);
    child.stdin.end('{"userIds": []}');
    const [[code], output, errors] = await Promise.all([
      once(child, "close"),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code: code as number, output, errors };
  }

  const run = (...args: string[]) => runHere("--stack", stackFileOf(stack.dir), ...args);

  it("lists all methods and who may call them", async () => {
    const { code, output } = await runHere();
    expect(code).to.equal(0);
    for (const method of protoServices.flatMap(service => service.methods)) {
      expect(output).to.include(`${method.parent.typeName.replace("questioncloud.", "")}/${method.name} `);
    }
    expect(output).to.match(/WalletService\/ReservePoints +internal, for pay at point/);
  });

  it("calls public methods by short names, as anyone, with a login and with a token", async () => {
    const [anyone, login, token] = await Promise.all([
      run("listCategories"),
      run("GetProfile", "--login", `${person.email}:${person.password}`),
      run("point.v1.PointService/GetWallet", "{}", "--token", person.token),
    ]);
    expect(JSON.parse(anyone.output)).to.have.property("subjects").that.is.not.empty;
    expect(JSON.parse(login.output)).to.have.nested.property("profile.email", person.email);
    expect(token).to.deep.include({ code: 0, errors: "" });
  });

  it("calls internal methods as a service, on behalf of a user", async () => {
    const request = JSON.stringify({ purchaseId: randomUUID(), amountPoints: "10" });
    const user = ["--user", String(person.userId)];
    const [asPay, asCoupon] = await Promise.all(
      ["pay", "coupon"].map(as => run("--as", as, ...user, "WalletService/ReservePoints", request)),
    );
    expect(asPay?.code).to.equal(1);
    expect(asPay?.errors).to.match(
      /^refused: NOT_ENOUGH_POINT \(failed_precondition\): .+\n[\s\S]*request id /,
    );
    expect(asCoupon?.errors).to.match(/^refused: FORBIDDEN/);
  });

  it("shows the fields that a service refuses", async () => {
    const { code, errors } = await run("GetQuestion", '{"questionId": "0"}');
    expect(code).to.equal(1);
    expect(errors).to.match(/^refused: BAD_REQUEST[\s\S]*\n {2}question_id: must be greater than 0/);
  });

  it("says in one line what is wrong with a call, before it looks for a stack", async () => {
    const wrong: Record<string, string[]> = {
      '"questionID" is unknown': ["GetQuestion", '{"questionID": "1"}'],
      "not one of GetQuestion": ["GetQuestion", "{"],
      "there is no method Nothing": ["Nothing"],
      "ReservationService/Confirm": ["Confirm"],
      "--as is for internal methods": ["GetQuestion", "--as", "pay"],
      "no such service: shop": ["ReservePoints", "--as", "shop"],
      "not understood: more": ["GetQuestion", "{}", "more"],
      "--nothing": ["GetQuestion", "--nothing"],
    };
    const check = async ([reason, args]: [string, string[]]) => {
      const { code, output, errors } = await runHere(...args);
      expect({ code, output }, reason).to.deep.equal({ code: 2, output: "" });
      expect(errors, reason).to.include(reason).and.not.include("    at ");
    };
    await Promise.all(Object.entries(wrong).map(check));
  });
});
