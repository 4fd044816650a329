import { expect } from "chai";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { type FaultsInput, type Person, providerNames } from "#dev/sim/identity/people.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { refusalOf } from "#kit/contract/failure.ts";
import { startChromium } from "../support/browser/chromium.ts";
import { logIn, signUp } from "../support/market/people.ts";
import { openSocialSuite, type SocialSuite } from "../support/market/social.ts";
import { password } from "../support/market/user-suite.ts";

const titles = { google: "Google", kakao: "카카오", naver: "네이버" };

describe("the pages of social login, in Chromium,", () => {
  let suite: SocialSuite;
  let browser: Browser;
  const contexts: BrowserContext[] = [];

  before(async function () {
    browser = await startChromium(this);
    suite = await openSocialSuite();
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map(context => context.close()));
  });
  after(async () => {
    await browser?.close();
    await suite?.close();
  });

  /** A browser of its own, on a page of the site. */
  async function open(path = "/login"): Promise<Page> {
    const context = await browser.newContext({ locale: "ko-KR" });
    context.setDefaultTimeout(60_000);
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(suite.stack.gatewayUrl + path);
    return page;
  }

  /** Goes to the page of a provider, and chooses a person there. */
  async function choose(page: Page, person: Person): Promise<void> {
    await page.getByRole("button", { name: `${titles[person.provider]}로 로그인` }).click();
    await page.locator(`input[value="${person.subject}"]`).check();
  }

  const agree = (page: Page) => page.getByRole("button", { name: "동의하고 계속하기" }).click();
  const shows = (page: Page, text: string) => page.getByText(text).waitFor();
  const refused = (page: Page, reason: Reason) => shows(page, refusalOf(reason).ko);

  async function fillSignUp(page: Page): Promise<void> {
    await page.getByLabel("전화번호").fill("010-1234-5678");
    await page.getByRole("button", { name: "가입하기" }).click();
  }

  for (const provider of providerNames) {
    it(`sign a new user up with ${provider}, and log the user in again`, async () => {
      const person = await suite.addPerson(provider, { name: "박클릭" });
      const page = await open();
      await choose(page, person);
      await agree(page);
      await shows(page, "처음 오셨네요.");
      expect(new URL(page.url()).search, "the code is not left in the address").to.equal("");
      expect(await page.getByLabel("이름").inputValue()).to.equal("박클릭");
      await fillSignUp(page);
      await shows(page, "박클릭님, 로그인되었습니다.");
      const cookies = await page
        .context()
        .cookies(`${suite.stack.gatewayUrl}/questioncloud.user.v1.AuthService`);
      const refresh = cookies.find(({ name }) => name === "qc_refresh");
      expect(refresh).to.include({ httpOnly: true, sameSite: "Strict" });

      await page.getByRole("button", { name: "로그아웃" }).click();
      await choose(page, person);
      await agree(page);
      await shows(page, "박클릭님, 로그인되었습니다.");
    });

    it(`say why a login with ${provider} failed, and let it be started again`, async () => {
      const failures: [FaultsInput, Reason][] = [
        [{ token: [{ status: 500 }] }, Reason.SOCIAL_PROVIDER_UNAVAILABLE],
        [{ idToken: { audience: "another-client" } }, Reason.FAIL_SOCIAL_LOGIN],
        [{ idToken: { isForged: true } }, Reason.FAIL_SOCIAL_LOGIN],
      ];
      const person = await suite.addPerson(provider);
      const page = await open();
      await choose(page, person);
      for (const [faults, reason] of failures) {
        await suite.sim.setFaults(person, faults);
        await agree(page);
        await refused(page, reason);
        await page.getByRole("button", { name: "다시 시도하기" }).click();
        await page.locator(`input[value="${person.subject}"]`).check();
      }
      await page.getByRole("button", { name: "취소" }).click();
      await refused(page, Reason.SOCIAL_CONSENT_REFUSED);
    });

    it(`refuse a callback of ${provider} in another browser, and a second time in its own`, async () => {
      const page = await open();
      await choose(page, await suite.addPerson(provider));
      const callback = page.waitForRequest(request => request.url().includes(`/login/${provider}?`));
      await agree(page);
      const address = new URL((await callback).url());
      await shows(page, "처음 오셨네요.");
      const path = address.pathname + address.search;
      await refused(await open(path), Reason.FAIL_SOCIAL_LOGIN);
      await page.goto(address.href);
      await refused(page, Reason.FAIL_SOCIAL_LOGIN);
    });
  }

  it("link an account to one with a password and the same address, and unlink it", async () => {
    const person = await suite.addPerson("naver");
    const user = await signUp(suite.stack, "주인", person.email);
    const page = await open();
    await choose(page, person);
    await agree(page);
    await refused(page, Reason.SOCIAL_EMAIL_TAKEN);

    await page.getByRole("link", { name: "다른 방법으로 로그인" }).click();
    await page.getByLabel("이메일").fill(user.email);
    await page.getByLabel("비밀번호").fill(password);
    await page.getByRole("button", { name: "로그인", exact: true }).click();
    await page.getByRole("link", { name: "연결된 소셜 계정" }).click();
    const row = page.getByRole("row", { name: titles.naver });
    await row.getByRole("button", { name: "연결하기" }).click();
    await shows(page, refusalOf(Reason.FAIL_LOGIN).ko);
    await page.getByLabel("비밀번호").fill(password);
    await row.getByRole("button", { name: "연결하기" }).click();
    await page.locator(`input[value="${person.subject}"]`).check();
    await agree(page);
    await row.getByText("연결됨", { exact: true }).waitFor();
    await row.getByRole("button", { name: "연결 해제" }).click();
    await row.getByText("연결되지 않음").waitFor();
    await logIn(suite.stack, user.email, password);
  });

  it("ask for an account without an address to be completed with e-mail", async () => {
    const page = await open();
    await choose(page, await suite.addPerson("kakao", { email: undefined }));
    await agree(page);
    await refused(page, Reason.SOCIAL_EMAIL_REQUIRED);
  });
});
