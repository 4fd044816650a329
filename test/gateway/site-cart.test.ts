import { expect } from "chai";
import { createBrowserGlobals, mapStorage } from "../support/rpc/browser-globals.ts";

/** The site's script for the cart of a browser without a session. */
interface GuestCartScript {
  guestCart(): string[];
  addToGuestCart(questionId: string): void;
  removeFromGuestCart(questionId: string): void;
  mergeGuestCart(): Promise<void>;
}

const { define, restore } = createBrowserGlobals("document", "localStorage", "sessionStorage", "fetch");

describe("the cart of a guest", () => {
  let stored: Map<string, string>;
  let sent: unknown[];
  let answer: (questionIds: string[]) => Response;
  let script: GuestCartScript;

  before(async () => {
    define("document", { querySelector: () => null });
    const end = new Date(Date.now() + 300_000).getTime();
    const session = new Map([
      ["access_token", "token"],
      ["access_token_end", String(end)],
    ]);
    define("sessionStorage", mapStorage(session));
    define("fetch", async (_url: string, { body }: { body: string }) => {
      sent.push(JSON.parse(body));
      return answer(JSON.parse(body).questionIds);
    });
    script = await import(new URL("../../gateway/site/assets/guest-cart.js", import.meta.url).href);
  });
  beforeEach(() => {
    stored = new Map();
    sent = [];
    define("localStorage", mapStorage(stored));
    answer = questionIds =>
      Response.json({
        questions: questionIds.map(questionId => ({ questionId, outcome: "MERGE_OUTCOME_ADDED" })),
      });
  });
  after(restore);

  it("has each question once, and at most fifty", () => {
    for (let id = 1; id <= 50; id++) {
      script.addToGuestCart(String(id));
    }
    script.addToGuestCart("7");
    expect(script.guestCart()).to.have.length(50);
    expect(script.guestCart().at(-1)).to.equal("7");
    expect(() => script.addToGuestCart("51")).to.throw("가득");
    script.removeFromGuestCart("7");
    expect(script.guestCart()).to.have.length(49).and.not.include("7");
  });

  it("is empty where the browser has stored something else", () => {
    for (const value of ["", "{", "{}", "null", '["x", -1, 0, null]']) {
      stored.set("cart", value);
      expect(script.guestCart(), value).to.deep.equal([]);
    }
  });

  it("moves in one call when its user signs in, and keeps what did not fit and what came meanwhile", async () => {
    script.addToGuestCart("1");
    script.addToGuestCart("2");
    answer = () => {
      script.addToGuestCart("3");
      const outcomes = ["MERGE_OUTCOME_OWNED", "MERGE_OUTCOME_CART_FULL"];
      return Response.json({
        questions: outcomes.map((outcome, index) => ({ questionId: String(index + 1), outcome })),
      });
    };
    await script.mergeGuestCart();
    expect(sent).to.deep.equal([{ questionIds: ["1", "2"] }]);
    expect(script.guestCart()).to.deep.equal(["2", "3"]);
  });

  it("stays until the answer arrives, and sends nothing while it is empty", async () => {
    script.addToGuestCart("1");
    answer = () => Response.json({}, { status: 503 });
    expect(await script.mergeGuestCart().catch(error => error.status)).to.equal(503);
    expect(script.guestCart()).to.deep.equal(["1"]);
    script.removeFromGuestCart("1");
    await script.mergeGuestCart();
    expect(sent).to.have.length(1);
  });
});
