import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { logIn, signUp } from "../support/market/people.ts";
import { newPhone } from "../support/market/user-suite.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { readLogs } from "../support/stores/search-stores.ts";
import { findSecrets, ownSecrets, secretsIn } from "../support/stores/secrets.ts";

// test/support/stack/stack.ts searches all logs, metrics, mails, dead letters and spans at the end of every run.
describe("the search for secrets", () => {
  let stack: Stack;

  before(async () => {
    stack = await sharedStack();
  });

  it("knows the tokens, addresses, links and keys of the stack by how they look", async () => {
    const { email, token, refreshToken } = await signUp(stack);
    const { password } = await signUp(stack);
    for (const [what, text] of [
      ["access or service token", token],
      ["refresh or link token", refreshToken],
      ["password of a test", password],
      ["hash of a password", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"],
      ["e-mail address", email],
      ["phone number", newPhone()],
      ["payment key", `qcpay_${"0123456789abcdef".repeat(2)}`],
      ["signed link", "https://bucket.example/key?X-Amz-Credential=a&X-Amz-Signature=b"],
      ["authorization header", `Bearer ${token}`],
      ["private key", '{"kty":"EC","d":"nV9-jrC7DbxGHyD-h5UkHG","x":"…"}'],
    ] as const) {
      const found = secretsIn(JSON.stringify({ msg: "call failed", detail: `of ${text} by us` }));
      expect(found.map(secret => secret.split(":")[0])).to.include(what);
    }
  });

  it("finds one that is planted in a log, and a key of the stack itself", async () => {
    const { token } = await logIn(stack, ...(await credentials()));
    const file = join(stack.dir, "logs", "planted.log");
    appendFileSync(
      file,
      `${JSON.stringify({ msg: "planted", token })}\n${stack.env.POINT_TOSS_SECRET_KEY}\n`,
    );
    try {
      const found = await findSecrets(await ownSecrets(stack), [readLogs(stack)]);
      expect(
        found.filter(secret => secret.endsWith("planted.log")).map(secret => secret.split(/[: ]/)[0]),
      ).to.have.members(["access", "a"]);
    } finally {
      rmSync(file);
    }
  });

  it("takes no id, hash, trace or duration of a log for a secret", () => {
    const line = {
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      requestId: "0197a1b2-0101-7123-8456-010123456789",
      durationMs: 10.0123456789,
      etag: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      method: "questioncloud.user.v1.AccountService/RequestEmailReminder",
    };
    expect(secretsIn(JSON.stringify(line))).to.deep.equal([]);
  });

  async function credentials(): Promise<[string, string]> {
    const { email, password } = await signUp(stack);
    return [email, password];
  }
});
