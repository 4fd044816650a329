import { randomUUID } from "node:crypto";
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { deadLetterQueueOf } from "#kit/contract/event.ts";
import type { Database } from "#kit/data/database.ts";
import { plannedQueues } from "#ops/events/queues.ts";
import { type Ended, runEvents } from "../support/events/command.ts";
import { appendEvents, effectsOf, outboxRowsOf, recordEffects } from "../support/events/effects.ts";
import type { EventRuntime } from "../support/events/runtime.ts";
import { sharedRuntime } from "../support/events/shared-runtime.ts";
import { startTcpGate } from "../support/stack/tcp-gate.ts";
import { until } from "../support/stack/until.ts";

const queue = "coupon-on-purchase-cancelled";
const deadLetterQueue = deadLetterQueueOf(queue);

describe("npm run events", () => {
  let runtime: EventRuntime;
  let pay: Database;

  before(async () => {
    runtime = await sharedRuntime();
    pay = runtime.database("pay");
    await runtime.createRelay({ database: pay })();
  });
  beforeEach(async () => {
    for (const name of plannedQueues().flatMap(each => [each.queue, each.deadLetterQueue])) {
      await runtime.sqs.send(new PurgeQueueCommand({ QueueUrl: await runtime.queueUrl(name) }));
    }
  });

  const run = (...args: string[]): Promise<Ended> => runEvents(args, runtime.env);

  async function runJson<Result>(...args: string[]): Promise<Result> {
    const { code, output, errors } = await run(...args, "--json");
    expect(code, errors).to.equal(0);
    return JSON.parse(output) as Result;
  }

  async function sendDeadLetters(eventIds: readonly string[]): Promise<void> {
    const QueueUrl = await runtime.queueUrl(deadLetterQueue);
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    const sends = eventIds.map(eventId =>
      runtime.sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: eventBody(),
          MessageAttributes: {
            event_id: text(eventId),
            type: text("T"),
            traceparent: text(`trace-${eventId}`),
          },
        }),
      ),
    );
    await Promise.all(sends);
  }

  it("prints its usage, and reports a wrong call or environment", async () => {
    const { PAY_DATABASE_URL, AWS_ACCOUNT_ID, ...poorer } = runtime.env;
    const lost = runtime.env.PAY_DATABASE_URL?.replace(/:\d+\//, ":1/");
    const [help, unknown, badOption, badTime, missing, away] = await Promise.all([
      run("--help"),
      run("delete"),
      run("redrive", "--queue", "no-such-queue"),
      run("replay", "--service", "pay", "--from", "2026-01-01", "--to", "2026-01-02T00:00:00Z"),
      runEvents(["list"], poorer),
      runEvents(["list", "--service", "pay"], { ...runtime.env, PAY_DATABASE_URL: lost }),
    ]);
    expect(help).to.deep.include({ code: 0, errors: "" });
    expect(help.output).to.match(/redrive --queue Q \| --all/);
    expect([unknown, badOption, badTime].map(({ code }) => code)).to.deep.equal([2, 2, 2]);
    expect(unknown.errors).to.match(/no such command: delete/);
    expect(badOption.errors).to.match(
      /no such queue: no-such-queue; there are: .*coupon-on-purchase-cancelled/,
    );
    expect(badTime.errors).to.match(/--from needs a time with its zone/);
    expect(missing.code).to.equal(1);
    expect(missing.errors).to.match(/PAY_DATABASE_URL is required\n.*AWS_ACCOUNT_ID is required/);
    expect(away.code).to.equal(1);
    expect(away.errors).to.match(/the schema of pay could not be used/);
  });

  it("list shows what is not published, and how deep the queues are", async () => {
    const [pending = "", parked = ""] = await appendEvents(pay, 2);
    await pay.execute("UPDATE outbox SET state = 'PARKED', last_error = 'refused' WHERE event_id = ?", [
      parked,
    ]);
    await sendDeadLetters([randomUUID(), randomUUID()]);
    const [text, json] = await Promise.all([
      run("list", "--service", "pay"),
      runJson<{ events: { eventId: string; state: string }[]; queues: { queue: string; dead: number }[] }>(
        "list",
        "--state",
        "PARKED",
      ),
    ]);
    expect(text.code).to.equal(0);
    expect(text.output).to.match(new RegExp(`pay +${pending} +PurchaseCancelled +PENDING +0`));
    expect(text.output).to.match(new RegExp(`pay +${parked} +PurchaseCancelled +PARKED +0 .* refused`));
    expect(text.output).to.match(new RegExp(`${queue} +0 +0 +2`));
    expect(json.events).to.deep.include({ ...json.events[0], eventId: parked, state: "PARKED" });
    expect(json.queues.filter(each => each.dead > 0)).to.deep.equal([
      { queue, waiting: 0, inFlight: 0, dead: 2 },
    ]);
    await pay.execute("DELETE FROM outbox WHERE event_id IN (?)", [[pending, parked]]);
  });

  it("show reports how far each subscriber of an event is", async () => {
    const [eventId = ""] = await appendEvents(pay, 1);
    await runtime.createRelay({ database: pay })();
    const stop = runtime.startConsumer("point", recordEffects());
    await until(
      async () => (await effectsOf(runtime.database("point"), [eventId])).length === 1,
      "point handled the event",
    );
    await stop();
    await sendDeadLetters([randomUUID(), eventId]);
    // One after the other, because who reads a dead letter hides it from others meanwhile.
    const known = await run("show", eventId);
    const unknown = await run("show", randomUUID());
    expect(known).to.include({ code: 0 });
    expect(known.output).to.match(/outbox +pay, PUBLISHED, 1 attempts/);
    expect(known.output).to.match(/coupon +coupon-on-purchase-cancelled +no +yes/);
    expect(known.output).to.match(/point +point-on-purchase-cancelled +20\S+ \S+ UTC +no/);
    expect(known.output).to.match(/question +question-on-purchase-cancelled +no +no/);
    expect(unknown).to.include({ code: 1 });
    expect(await runtime.depth(deadLetterQueue)).to.equal(2);
  });

  it("redrive moves dead letters unchanged, only with --apply", async () => {
    const eventIds = Array.from({ length: 3 }, () => randomUUID());
    await sendDeadLetters(eventIds);
    const dry = await run("redrive", "--all");
    expect(dry.output)
      .to.match(/3 dead letters would be moved/)
      .and.to.match(/nothing was changed/);
    expect(await runtime.depth(deadLetterQueue)).to.equal(3);
    const done = await runJson("redrive", "--queue", queue, "--apply");
    expect(done).to.deep.include({ queues: [{ queue, dead: 3, moved: 3, failures: [] }] });
    expect([await runtime.depth(deadLetterQueue), await runtime.depth(queue)]).to.deep.equal([0, 3]);
    const { Messages = [] } = await runtime.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: await runtime.queueUrl(queue),
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ["All"],
      }),
    );
    expect(Messages.map(message => message.MessageAttributes?.traceparent?.StringValue).sort()).to.deep.equal(
      eventIds.map(id => `trace-${id}`).sort(),
    );
  });

  it("redrive keeps what cannot be sent, and loses nothing when it is interrupted", async () => {
    const eventIds = Array.from({ length: 250 }, () => randomUUID());
    await sendDeadLetters(eventIds);
    // Through a slow gate of this process, so that the command gets its signal before it has moved many more.
    const endpoint = new URL(runtime.env.AWS_ENDPOINT_URL ?? "");
    const gate = await startTcpGate(Number(endpoint.port));
    gate.slow(20);
    endpoint.port = String(gate.port);
    const interrupted = await runEvents(
      ["redrive", "--queue", queue, "--apply"],
      { ...runtime.env, AWS_ENDPOINT_URL: endpoint.href },
      `${queue}: 10 of 250`,
    ).finally(() => gate.close());
    expect(interrupted.code).to.equal(1);
    expect(interrupted.output).to.match(/interrupted; run it again for the rest/);
    const moved = await runtime.depth(queue);
    expect(moved).to.be.within(10, 240);
    expect(moved + (await runtime.depth(deadLetterQueue))).to.equal(250);
    await publishUnsendable();
    const { code, output } = await run("redrive", "--all", "--apply");
    expect(code).to.equal(1);
    expect(output).to.match(/not moved: .*InvalidMessageContents/);
    expect([await runtime.depth(queue), await runtime.depth(deadLetterQueue)]).to.deep.equal([250, 1]);
  });

  /** Puts a letter into the dead letter queue that the emulator takes from a topic and from no other sender. */
  async function publishUnsendable(): Promise<void> {
    const { TopicArn } = await runtime.sns.send(new CreateTopicCommand({ Name: "unsendable" }));
    const Endpoint = `arn:aws:sqs:${runtime.env.AWS_REGION}:${runtime.env.AWS_ACCOUNT_ID}:${deadLetterQueue}`;
    const Attributes = { RawMessageDelivery: "true" };
    await runtime.sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes }));
    await runtime.sns.send(new PublishCommand({ TopicArn, Message: "😀" }));
  }

  it("redrive --parked lets the relay try again, except what inboxes may have forgotten", async () => {
    const eventIds = await appendEvents(pay, 3);
    await pay.execute("UPDATE outbox SET state = 'PARKED', attempts = 4 WHERE event_id IN (?)", [eventIds]);
    await pay.execute("UPDATE outbox SET create_time = NOW(6) - INTERVAL 29 DAY WHERE event_id = ?", [
      eventIds[2] ?? "",
    ]);
    const dry = await run("redrive", "--parked");
    expect(dry.output).to.match(/pay: 2 parked events would be made pending\n +1 stay parked/);
    expect(await statesOf(eventIds)).to.deep.equal(["PARKED 4", "PARKED 4", "PARKED 4"]);
    expect((await run("redrive", "--parked", "--service", "pay", "--apply")).code).to.equal(0);
    expect(await statesOf(eventIds)).to.deep.equal(["PENDING 0", "PENDING 0", "PARKED 4"]);
    await runtime.createRelay({ database: pay })();
    expect(await statesOf(eventIds)).to.deep.equal(["PUBLISHED 1", "PUBLISHED 1", "PARKED 4"]);
  });

  async function statesOf(eventIds: readonly string[]): Promise<string[]> {
    return (await outboxRowsOf(pay, eventIds)).map(row => `${row.state} ${row.attempts}`);
  }

  it("replay resends what queues lost, once, and refuses events older than the inboxes remember", async () => {
    const eventIds = await appendEvents(pay, 8);
    await runtime.createRelay({ database: pay })();
    const coupon = runtime.database("coupon");
    const [first = ""] = eventIds;
    await coupon.execute("INSERT INTO inbox (event_id, consumer) VALUES (?, ?)", [first, queue]);
    await runtime.sqs.send(new PurgeQueueCommand({ QueueUrl: await runtime.queueUrl(queue) }));
    const from = new Date(Date.now() - 600_000).toISOString();
    const to = new Date(Date.now() + 60_000).toISOString();
    const range = ["--service", "pay", "--type", "PurchaseCancelled", "--from", from, "--to", to];
    const [dry, tooOld, wrongType] = await Promise.all([
      run("replay", ...range),
      run("replay", ...range, "--from", new Date(Date.now() - 28.1 * 86_400_000).toISOString()),
      run("replay", ...range, "--type", "PointsCharged"),
    ]);
    expect(dry.output).to.match(/PurchaseCancelled: \d+ events would be published again/);
    expect(await runtime.depth(queue)).to.equal(0);
    expect(tooOld).to.include({ code: 2 });
    expect(tooOld.errors).to.match(/--from must not be before .*inboxes forget after 28 days/);
    expect(wrongType.errors).to.match(/pay does not publish PointsCharged/);
    expect(await runJson("replay", ...range, "--apply")).to.deep.include({ apply: true, failures: [] });
    const stop = runtime.startConsumer("coupon", recordEffects());
    await until(async () => (await runtime.depth(queue)) === 0, "all came back");
    await stop();
    const effects = await effectsOf(coupon, eventIds);
    expect(effects.map(effect => effect.eventId).sort()).to.deep.equal(eventIds.slice(1).sort());
  });
});

function eventBody(): string {
  return JSON.stringify({ purchaseId: randomUUID(), userId: "1", reason: "REASON" });
}
