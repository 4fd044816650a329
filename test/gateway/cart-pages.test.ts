import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import type { Stack } from "#dev/stack/stack.ts";
import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { startChromium } from "../support/browser/chromium.ts";
import { signUp } from "../support/market/people.ts";
import { publishQuestion, signUpAuthor } from "../support/market/questions.ts";
import { createPublicClient } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("the pages of the cart, in Chromium,", () => {
  let stack: Stack;
  let browser: Browser;

  before(async function () {
    browser = await startChromium(this);
    stack = await sharedStack();
  });
  after(() => browser?.close());

  const open = (page: Page, path: string) => page.goto(stack.gatewayUrl + path);
  const shows = (page: Page, text: string) => page.getByText(text).first().waitFor();

  it("collect what a guest chooses, and move it into the cart of the user who logs in", async () => {
    await publishQuestion(await signUpAuthor(stack));
    const { email, password, token } = await signUp(stack);
    const page = await browser.newPage({ locale: "ko-KR" });
    page.setDefaultTimeout(60_000);
    await open(page, "/");
    const row = page.locator("#questions tr").first();
    const title = (await row.locator("td").first().textContent()) ?? "";
    await row.getByRole("button", { name: "담기" }).click();
    await shows(page, "장바구니에 담았습니다.");

    await open(page, "/cart");
    await shows(page, title);
    await shows(page, "합계");
    const carts = createPublicClient(stack, CartService, { token });
    expect((await carts.getCart({})).cart?.lines).to.deep.equal([]);

    await open(page, "/login");
    await page.getByLabel("이메일").fill(email);
    await page.getByLabel("비밀번호").fill(password);
    await page.getByRole("button", { name: "로그인", exact: true }).click();
    await shows(page, "로그인되었습니다.");
    expect((await carts.getCart({})).cart?.lines.map(line => line.title)).to.deep.equal([title]);

    await open(page, "/cart");
    await shows(page, title);
    await page.getByRole("button", { name: "삭제" }).click();
    await shows(page, "장바구니가 비어 있습니다.");
    expect((await carts.getCart({})).cart?.lines).to.deep.equal([]);
    await page.close();
  });
});
