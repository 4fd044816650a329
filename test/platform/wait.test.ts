import { expect } from "chai";
import { waitFor } from "#dev/demo/wait.ts";

describe("a wait", () => {
  const answers = (...list: (string | false | undefined)[]) => {
    const left = [...list];
    return async () => left.shift();
  };

  it("ends with what was found", async () => {
    expect(await waitFor("a name", answers(undefined, false, "user"), { everyMs: 1 })).to.equal("user");
  });

  it("fails at its limit with what was waited for, as it is then", async () => {
    let missing = "pay and user";
    const find = () => {
      missing = "pay";
      return false;
    };
    const limits = { withinMs: -1, everyMs: 1 };
    const errorOf = (what: string | (() => string)) =>
      waitFor(what, find, limits).then(
        () => "none",
        error => error.message,
      );
    expect(await errorOf("all services")).to.match(/^waited .* s for all services$/);
    expect(await errorOf(() => `services; missing: ${missing}`)).to.match(/for services; missing: pay$/);
  });

  it("fails at once where waiting is of no use", async () => {
    const find = async () => {
      throw new Error("ended");
    };
    expect(await waitFor("its end", find).catch(error => error.message)).to.equal("ended");
  });
});
