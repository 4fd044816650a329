import { expect } from "chai";
import type { Browser, BrowserContext } from "playwright-core";
import { createPspSim } from "#dev/sim/psp/sim-client.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { startChromium } from "../support/browser/chromium.ts";
import { type ShopServer, startShopServer } from "../support/browser/shop-page.ts";
import { createMarket, type Market } from "../support/market/market.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { type OwnGateway, startOwnGateway } from "../support/stack/own-gateway.ts";
import { sharedStack } from "../support/stack/stack.ts";

interface Answers {
  tokens: { accessToken: string };
  charge: { chargeId: string; amountPoints: string; state: string };
  purchase: { state: string };
  url: string;
  questions: { questionId: string }[];
}

describe("a page of another origin that calls with connect-web, in Chromium,", () => {
  let stack: Stack;
  let market: Market;
  let browser: Browser;
  let server: ShopServer;
  let context: BrowserContext;
  let gatewayUrl: string;

  before(async function () {
    browser = await startChromium(this);
    stack = await sharedStack();
    gatewayUrl = stack.gatewayUrl ?? "";
    [server, market] = await Promise.all([startShopServer(), createMarket(stack, { questionCount: 1 })]);
  });
  beforeEach(async () => {
    context = await browser.newContext();
    context.setDefaultTimeout(60_000);
  });
  afterEach(() => context?.close());
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const open = (host?: "127.0.0.1" | "localhost", url = gatewayUrl) => server.open(context, url, host);
  type Shop = Awaited<ReturnType<typeof open>>;

  async function ask(shop: Shop, path: string, request: object = {}, token = ""): Promise<Answers> {
    const [service = "", method = ""] = path.split("/");
    const { answer, reason, code } = await shop.call({ service, method, request: request as never, token });
    expect([code, reason], path).to.deep.equal([undefined, undefined]);
    return answer as unknown as Answers;
  }

  async function logIn(shop: Shop, { email, password }: Person): Promise<string> {
    const { tokens } = await ask(shop, "AuthService/Login", { email, password, useCookie: true });
    expect(JSON.stringify(tokens), "the refresh token is not for scripts").not.to.include("refreshToken");
    return tokens.accessToken;
  }

  const refresh = (shop: Shop) => shop.call({ service: "AuthService", method: "RefreshSession" });

  it("browses, logs in, charges, buys and downloads", async () => {
    const [shop, person] = [await open(), await signUp(stack)];
    const [questionId] = market.questionIds.map(String);
    await ask(shop, "StoreService/ListQuestions", { filter: { subjects: ["SUBJECT_MATHEMATICS"] } });
    const token = await logIn(shop, person);
    const ordered = { requestId: crypto.randomUUID(), package: "CHARGE_PACKAGE_C" };
    const { charge } = await ask(shop, "PointService/CreateCharge", ordered, token);
    const { chargeId, amountPoints } = charge;
    const paymentKey = await createPspSim(stack.pspUrl).authorize(chargeId, Number(amountPoints));
    const paid = { chargeId, paymentKey, amountPoints };
    expect((await ask(shop, "PointService/ConfirmCharge", paid, token)).charge.state).to.equal(
      "CHARGE_STATE_CHARGED",
    );
    const bought = await ask(
      shop,
      "PaymentService/PurchaseQuestions",
      { requestId: crypto.randomUUID(), basket: { lines: [{ questionId }] }, consentToImmediateUse: true },
      token,
    );
    expect(bought.purchase.state).to.equal("PURCHASE_STATE_PAID");
    const { url } = await ask(shop, "LibraryService/CreateDownloadLink", { questionId }, token);
    const answered = shop.page.waitForResponse(response => response.url() === url);
    // A download is no page to go to, which Chromium reports as an error.
    await shop.page.goto(url).catch(() => {});
    const file = await answered;
    expect([file.status(), await file.headerValue("content-type")]).to.deep.equal([200, "application/pdf"]);
  });

  it("reads refusals with their reason and request id, by Connect and by gRPC-Web", async () => {
    const shop = await open();
    for (const grpcWeb of [false, true]) {
      const refused = await shop.call({ service: "PointService", method: "GetWallet", grpcWeb });
      expect(refused).to.include({ code: "Unauthenticated", reason: "UNAUTHORIZED_TOKEN" });
      const unknown = {
        service: "StoreService",
        method: "GetQuestion",
        request: { questionId: "999999999" },
        grpcWeb,
      };
      const { requestId, ...why } = await shop.call(unknown);
      expect(why).to.deep.equal({ code: "NotFound", reason: "NOT_FOUND" });
      expect(requestId).to.match(/^[\w-]{8,}$/);
    }
  });

  it("refreshes its session in three tabs at the same time, again and again, until one of them logs out", async () => {
    const tabs = [await open(), await open(), await open()];
    const [first] = tabs;
    await logIn(first as Shop, await signUp(stack));
    for (let round = 0; round < 3; round++) {
      const outcomes = await Promise.all(tabs.map(refresh));
      expect(outcomes.map(({ reason }) => reason)).to.deep.equal([undefined, undefined, undefined]);
    }
    await ask(first as Shop, "AuthService/Logout");
    for (const tab of tabs) {
      expect(await refresh(tab)).to.include({ reason: "UNAUTHORIZED_TOKEN" });
    }
  });

  it("has no session from another site, whose cookie is not sent", async () => {
    const own = await open();
    await logIn(own, await signUp(stack));
    const foreign = await open("localhost");
    expect(await refresh(foreign)).to.include({ reason: "UNAUTHORIZED_TOKEN" });
    expect((await refresh(own)).reason, "the session has not ended").to.equal(undefined);
  });

  it("cannot say which service it is, nor read anything from an origin that is not allowed", async () => {
    const shop = await open();
    const call = { service: "StoreService", method: "ListCategories" };
    const asService = await shop.call({ ...call, headers: { "x-service-token": "x" } });
    expect(asService.answer, "the preflight is refused").to.equal(undefined);
    expect(asService.reason).to.equal(undefined);
    const gateway: OwnGateway = await startOwnGateway(stack, { allowedOrigins: ["https://app.example"] });
    try {
      const other = await open("127.0.0.1", gateway.url);
      for (const method of ["ListCategories", "ListQuestions"]) {
        const outcome = await other.call({ ...call, method });
        expect(outcome.answer).to.equal(undefined);
        expect(outcome.reason).to.equal(undefined);
      }
    } finally {
      await gateway.stop();
    }
  });
});
