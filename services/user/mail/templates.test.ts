import { expect } from "chai";
import fc from "fast-check";
import type { PurchaseReceipt } from "../domain/mail.ts";
import { activationMail } from "./activation.ts";
import { chargeReceiptMail } from "./charge-receipt.ts";
import { html } from "./html.ts";
import { purchaseReceiptMail } from "./purchase-receipt.ts";

const recipient = (name: string) => ({ name, email: "buyer@questioncloud.example" });

const receipt: PurchaseReceipt = {
  purchaseId: "0190f2a0-0000-7000-8000-000000000001",
  payTime: "2026-03-01T15:30:00.000Z",
  lines: [
    {
      title: "<b>수열</b> & 극한",
      creatorName: '"선생님"',
      originalPoints: "15000",
      amountPoints: "12000",
    },
  ],
  originalPoints: "15000",
  amountPoints: "12000",
};

describe("mail templates", () => {
  it("escape every value", () => {
    fc.assert(
      fc.property(fc.string(), value => {
        const { markup } = html`<p title="${value}">${value}</p>`;
        expect(markup.slice(3).split("</p>")[0]).to.not.match(/<|'/);
        expect(markup.split('"')).to.have.length(3);
      }),
    );
  });

  it("list what was bought, with escaped titles, points and Korean time", () => {
    const { subject, html, text } = purchaseReceiptMail(recipient("홍<길동>"), receipt);
    expect(subject).to.equal("[QuestionCloud] 구매 내역 안내 (1건)");
    expect(html).to.include("&lt;b&gt;수열&lt;/b&gt; &amp; 극한").and.include("홍&lt;길동&gt;");
    expect(html).to.not.include("<b>수열");
    expect(text).to.include('- <b>수열</b> & 극한 ("선생님"): 12,000P');
    expect(text)
      .to.include("정가 합계: 15,000P")
      .and.include("할인: 3,000P")
      .and.include("결제 금액: 12,000P");
    expect(text).to.include("2026년 3월 2일").and.include(receipt.purchaseId);
  });

  it("show what was charged, and link only to web addresses", () => {
    const charge = {
      chargeId: receipt.purchaseId,
      chargeTime: receipt.payTime,
      amountPoints: "10000",
      receiptUrl: "https://psp.example/receipt?a=1&b=2",
    };
    const { html, text } = chargeReceiptMail(recipient("홍길동"), charge);
    expect(html).to.include('href="https://psp.example/receipt?a=1&amp;b=2"').and.include("10,000P");
    expect(text).to.include("결제 금액: 10,000원").and.include(charge.receiptUrl);
    expect(
      chargeReceiptMail(recipient("홍길동"), { ...charge, receiptUrl: "javascript:alert(1)" }).html,
    ).to.not.include("javascript");
  });

  it("carry the activation token in the fragment of the link, as HTML and as text", () => {
    const mail = activationMail("buyer@questioncloud.example", {
      siteUrl: "https://questioncloud.example/",
      token: "a_B-1",
      createTime: new Date("2026-03-01T01:00:00Z"),
      expireTime: new Date(receipt.payTime),
    });
    expect(mail.to).to.deep.equal({ email: "buyer@questioncloud.example" });
    expect(mail.text).to.include("2026년 3월 1일 오전 10:00에 요청");
    expect(mail.html).to.include('href="https://questioncloud.example/activate#token=a_B-1"');
    expect(mail.text)
      .to.include("https://questioncloud.example/activate#token=a_B-1")
      .and.include("2026년 3월 2일");
  });
});
