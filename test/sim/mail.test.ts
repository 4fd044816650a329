import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import nodemailer, { type SendMailOptions } from "nodemailer";
import type { Mail } from "#dev/sim/mail/mailbox.ts";
import { type MailServer, startMail } from "#dev/sim/mail/server.ts";
import { root } from "#dev/stack/root.ts";
import { claimTemporaryDirectory, type RunDirectory } from "#dev/stack/servers/directory.ts";
import { type PortBlock, reservePorts } from "#dev/stack/servers/ports.ts";

const sender = "QuestionCloud 문제은행 <no-reply@questioncloud.example>";

describe("the mail simulator", () => {
  let run: RunDirectory;
  let block: PortBlock;
  let mail: MailServer;

  before(async () => {
    run = await claimTemporaryDirectory(join(root, ".data"), "mail-test");
    block = await reservePorts({ base: 28_500, count: 2 });
    mail = await start();
  });
  after(async () => {
    await mail.stop();
    await block.release();
    await run.release();
  });

  function start() {
    const [smtpPort = 0, httpPort = 0] = block.ports;
    return startMail({ smtpPort, httpPort, dataDir: join(run.dir, "mails") });
  }

  async function send(message: SendMailOptions) {
    const transport = nodemailer.createTransport(mail.smtpUrl);
    try {
      return await transport.sendMail({ from: sender, subject: "제목", ...message });
    } finally {
      transport.close();
    }
  }

  async function received(to: string): Promise<Mail[]> {
    const response = await fetch(`${mail.url}/mails?to=${encodeURIComponent(to)}`);
    return (await response.json()) as Mail[];
  }

  async function refuse(to: string, times: number) {
    return fetch(`${mail.url}/sim/refuse`, { method: "POST", body: JSON.stringify({ to, times }) });
  }

  it("shows Korean subjects, senders, text and HTML as they were written", async () => {
    const subject = `비밀번호를 다시 정해 주세요 🙂 ${"아주 긴 제목 ".repeat(20)}끝`;
    const text = `안녕하세요 = 100%\n.점으로 시작하는 줄\nhttps://questioncloud.example/reset?token=${"a".repeat(120)}\n`;
    const html = `<p>안녕하세요</p><p><a href="https://questioncloud.example/reset?token=a=b">다시 정하기</a></p>`;
    await send({ to: "buyer@questioncloud.example", subject, text, html });
    const [newest] = await received("Buyer@questioncloud.example");
    expect(newest).to.include({ to: "buyer@questioncloud.example", from: sender, subject, html });
    expect(newest?.text.trimEnd()).to.equal(text.trimEnd());
    expect(Date.parse(newest?.receivedTime ?? "")).to.be.closeTo(Date.now(), 60_000);
  });

  it("decodes every transfer encoding, and drops attachments", async () => {
    for (const textEncoding of ["base64", "quoted-printable"] as const) {
      const to = `${textEncoding}@questioncloud.example`;
      const attachments = [{ filename: "표.txt", content: "첨부" }];
      await send({ to, text: "가나다 \n라마바", textEncoding, attachments });
      expect((await received(to))[0]?.text.trimEnd()).to.equal("가나다 \n라마바");
    }
    await send({ to: "plain@questioncloud.example", subject: "plain", text: "only ASCII" });
    const [plain] = await received("plain@questioncloud.example");
    expect(plain).to.include({ subject: "plain", html: "" });
    expect(plain?.text.trimEnd()).to.equal("only ASCII");
  });

  it("lists the newest first, by address", async () => {
    const to = "list@questioncloud.example";
    for (const subject of ["first", "second"]) {
      await send({ to: ["other@questioncloud.example", to], subject });
    }
    expect((await received(to)).map(({ subject }) => subject)).to.deep.equal(["second", "first"]);
    expect(await received("unknown@questioncloud.example")).to.deep.equal([]);
  });

  it("shows a mail on a page where its markup runs no script", async () => {
    const to = "page@questioncloud.example";
    await send({ to, subject: "<script>1</script>", html: `<b>굵게</b><script>alert("1")</script>` });
    const [newest] = await received(to);
    const list = await (await fetch(`${mail.url}/`)).text();
    expect(list).to.include("메일함").and.include("&lt;script&gt;1").and.not.include("<script>");
    const response = await fetch(`${mail.url}/mails/${newest?.id}`);
    const page = await response.text();
    expect(response.headers.get("content-security-policy")).to.match(/default-src 'none'/);
    expect(page)
      .to.match(/<iframe [^>]*sandbox="[^"]*" srcdoc="[^"]*&lt;b&gt;굵게/)
      .and.not.include("<script>");
    expect((await fetch(`${mail.url}/mails/none`)).status).to.equal(404);
  });

  it("refuses an address temporarily, as often as requested", async () => {
    const to = "later@questioncloud.example";
    expect((await refuse(to, 2)).status).to.equal(200);
    for (const _ of [1, 2]) {
      const error = await send({ to, text: "x" }).catch((failure: Error) => failure);
      expect(error).to.include({ responseCode: 451 });
    }
    await send({ to, text: "third" });
    expect(await received(to)).to.have.length(1);
    expect((await refuse("no address", 1)).status).to.equal(400);
  });

  it("refuses a mail of more than 1 MiB", async () => {
    const to = "large@questioncloud.example";
    const error = await send({ to, text: "x".repeat(1_100_000) }).catch((failure: Error) => failure);
    expect(error).to.include({ responseCode: 552 });
    expect(await received(to)).to.deep.equal([]);
  });

  it("stores the last 1,000 mails, also for the next run", async () => {
    const to = "many@questioncloud.example";
    const transport = nodemailer.createTransport({ url: mail.smtpUrl, pool: true });
    const numbers = Array.from({ length: 1_001 }, (_, index) => index);
    for (const number of numbers) {
      await transport.sendMail({ from: sender, to, subject: String(number) });
    }
    transport.close();
    await mail.stop();
    mail = await start();
    const response = await fetch(`${mail.url}/mails?limit=1000`);
    const subjects = ((await response.json()) as Mail[]).map(({ subject }) => subject);
    expect(subjects).to.have.length(1_000);
    expect([subjects[0], subjects.at(-1)]).to.deep.equal(["1000", "1"]);
    expect(existsSync(run.dir)).to.equal(true);
  });
});
