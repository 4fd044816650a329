import { expect } from "chai";
import { type Failure, reasonName } from "#kit/contract/failure.ts";
import { createPageTokens } from "#kit/rpc/tokens/page-tokens.ts";

const old = "old".padEnd(32, "-");
const next = "next".padEnd(32, "-");
const list = ["questions", 7n];

describe("page tokens", () => {
  const issue = async (secrets: readonly [string, ...string[]]) => {
    const page = { pageSize: 1, pageToken: "" };
    const read = async () => ({ rows: ["1"], nextAfter: ["1"] });
    return (await createPageTokens(secrets).readPage(list, page, read)).nextPageToken;
  };
  const outcomeOf = (secrets: readonly [string, ...string[]], pageToken: string, of: unknown[] = list) =>
    createPageTokens(secrets)
      .readPage(of, { pageSize: 1, pageToken }, async ({ after }) => ({
        rows: [after],
        nextAfter: undefined,
      }))
      .then(
        ({ rows }) => JSON.stringify(rows),
        ({ reason }: Failure) => reason && reasonName(reason),
      );

  it("lead on while one secret replaces the other, and end with their secret", async () => {
    const before = await issue([old, next]);
    const after = await issue([next, old]);
    for (const secrets of [
      [old, next],
      [next, old],
    ] as const) {
      expect(await outcomeOf(secrets, before)).to.equal('[["1"]]');
      expect(await outcomeOf(secrets, after)).to.equal('[["1"]]');
    }
    expect(await outcomeOf([old], after)).to.equal("INVALID_PAGE_TOKEN");
    expect(await outcomeOf([next], before)).to.equal("INVALID_PAGE_TOKEN");
    expect(await outcomeOf([next], after)).to.equal('[["1"]]');
  });

  it("belong to one list, by whichever secret they are signed", async () => {
    for (const secrets of [[old], [next, old]] as const) {
      expect(await outcomeOf([next, old], await issue(secrets), ["questions", 8n])).to.equal(
        "INVALID_PAGE_TOKEN",
      );
    }
  });
});
