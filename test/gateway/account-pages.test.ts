import { readFile } from "node:fs/promises";
import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import type { Stack } from "#dev/stack/stack.ts";
import { accountPages } from "#gateway/site/account-pages.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { contracts } from "#kit/contract/contracts.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { startChromium } from "../support/browser/chromium.ts";
import { linkToken, type Person, signUp } from "../support/market/people.ts";
import { newEmail } from "../support/market/user-suite.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("the pages of accounts", () => {
  it("send the forms of accounts to methods and fields that exist", () => {
    const calls = accountPages.flatMap(([, { body }]) =>
      [...body.text.matchAll(/<form data-method="([^"]+)".*?<\/form>/gs)].map(([text, method = ""]) => ({
        method,
        fields: [...text.matchAll(/name="([^"]+)"/g)].map(([, name]) => name),
      })),
    );
    expect(calls).to.have.length(8);
    for (const { method, fields } of calls) {
      const [service = "", name = ""] = method.split("/");
      const input = contracts.getService(service)?.methods.find(each => each.name === name)?.input;
      expect(
        input?.fields.map(field => field.jsonName),
        method,
      ).to.include.members(fields);
    }
  });

  it("collect what is stored about a user by calls that exist and need that user, page by page", async () => {
    const script = new URL("../../gateway/site/assets/personal-data.js", import.meta.url).href;
    const { personalDataCalls, collectPersonalData } = await import(script);
    for (const path of personalDataCalls as string[]) {
      const [service = "", name = ""] = path.split("/");
      const method = contracts.getService(service)?.methods.find(each => each.name === name);
      expect(method && policyOf(method).access, path).to.equal(Access.USER);
    }
    const called: unknown[] = [];
    const data = await collectPersonalData(async (path: string, request: object) => {
      called.push([path, request]);
      if (path.endsWith("GetOwnCreator")) {
        throw Object.assign(new Error(), { reason: "NOT_CREATOR" });
      }
      return "pageToken" in request || !path.endsWith("ListCharges") ? {} : { nextPageToken: "2" };
    });
    expect(Object.keys(data)).to.deep.equal(personalDataCalls);
    expect(called).to.deep.include([personalDataCalls[6], { pageToken: "2" }]);
  });
});

describe("the pages of accounts, in Chromium,", () => {
  let stack: Stack;
  let browser: Browser;
  let person: Person;
  let page: Page;
  const newPassword = "battery-staple-2";

  before(async function () {
    browser = await startChromium(this);
    stack = await sharedStack();
    person = await signUp(stack, "한수험");
    page = await browser.newPage({ locale: "ko-KR" });
    page.setDefaultTimeout(60_000);
  });
  after(() => browser?.close());

  const open = async (path: string) => {
    // A page of its own, for the path may differ in the fragment alone.
    await page.goto("about:blank");
    await page.goto(stack.gatewayUrl + path);
  };
  const shows = (text: string) => page.getByText(text).first().waitFor();
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();

  it("replace a forgotten password by the link in the mail, which works once", async () => {
    await open("/forgot");
    await page.getByLabel("이메일").fill(person.email);
    await press("비밀번호 재설정 메일 받기");
    await shows("메일함을 확인해 주세요.");
    const path = `/reset-password#token=${await linkToken(stack, person.email, "reset-password")}`;
    await open(path);
    expect(page.url(), "the token leaves the address bar").not.to.include("token");
    await page.getByLabel("새 비밀번호").fill(newPassword);
    await press("비밀번호 바꾸기");
    await shows("비밀번호를 바꾸었습니다.");
    await open(path);
    await page.getByLabel("새 비밀번호").fill(newPassword);
    await press("비밀번호 바꾸기");
    await shows("이미 사용했거나 기한이 지난 링크입니다.");
  });

  it("change the address, export what is stored, and end the account of the user who logged in", async () => {
    const address = newEmail();
    await open("/account");
    const login = page.locator("#login");
    await login.getByLabel("이메일").fill(person.email);
    await login.getByLabel("비밀번호").fill(newPassword);
    await press("로그인");
    await shows(`한수험님 (${person.email})`);

    const [download] = await Promise.all([page.waitForEvent("download"), press("내려받기 (JSON)")]);
    const data = JSON.parse(await readFile(await download.path(), "utf8"));
    const [own] = data["questioncloud.user.v1.AccountService/ExportPersonalData"];
    expect(own.profile.email).to.equal(person.email);

    const change = page.locator("#forms form").first();
    await change.getByLabel("새 이메일").fill(address);
    await change.getByLabel("비밀번호").fill(newPassword);
    await press("확인 메일 받기");
    await shows("새 주소로 확인 메일을 보냈습니다.");
    // The mail is opened in another browser, where no user has signed in.
    const mailed = await browser.newPage({ locale: "ko-KR" });
    const token = await linkToken(stack, address, "confirm-email");
    await mailed.goto(`${stack.gatewayUrl}/confirm-email#token=${token}`);
    await mailed.getByLabel("이메일").fill(person.email);
    await mailed.getByLabel("비밀번호").fill(newPassword);
    await mailed.getByRole("button", { name: "로그인", exact: true }).click();
    await mailed.getByRole("button", { name: "이 주소로 바꾸기", exact: true }).click();
    await mailed.getByText("이메일 주소를 바꾸었습니다.").waitFor();

    await open("/account");
    await shows(`한수험님 (${address})`);
    await page.locator("#withdraw").getByLabel("비밀번호").fill(newPassword);
    await press("탈퇴하기");
    await shows("탈퇴했습니다.");
    await open("/account");
    await login.getByLabel("이메일").waitFor();
  });
});
