import { expect } from "chai";
import { Redis } from "ioredis";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { ServerProcess } from "#dev/stack/servers/process.ts";
import { type Purchase, PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { receivesMax, visibilitySeconds } from "../../support/events/delivery.ts";
import { type Market, purchaseRequest } from "../../support/market/market.ts";
import { createCustomer, insist } from "../../support/market/purchase-runs.ts";
import { present } from "../../support/market/questions.ts";
import { until } from "../../support/stack/until.ts";

/** The stores behind a purchase, killed and started again. A store named by the environment cannot be killed. */
export function storeFaults(market: () => Market): void {
  const processOf = (context: Mocha.Context, name: "mariadb" | "redis" | "mongo"): ServerProcess => {
    const { process } = market().stack[name];
    if (process === undefined) {
      context.skip();
    }
    return process;
  };

  it("continues without MongoDB, whose history catches up, even with a pay started meanwhile", async function () {
    const mongo = processOf(this, "mongo");
    const [first, second] = [await createCustomer(market()), await createCustomer(market())];
    await mongo.kill("SIGKILL");
    const purchase = await insist(first.buyer, first.request);
    expect((await first.buyer.pay.listPurchases({})).purchases).to.deep.equal([purchase]);
    await market().stack.restart("pay");
    const later = await insist(second.buyer, second.request);
    expect((await second.buyer.pay.listPurchases({})).purchases).to.deep.equal([later]);
    await mongo.start();
  });

  it("continues while Redis is frozen, stopped, or has lost its data", async function () {
    const redis = processOf(this, "redis");
    const buys = async () => {
      const { buyer, request } = await createCustomer(market());
      expect((await insist(buyer, request)).state).to.equal(PurchaseState.PAID);
    };
    await redis.kill("SIGSTOP");
    await buys().finally(() => redis.kill("SIGCONT"));
    await redis.kill("SIGKILL");
    await buys().finally(redis.start);
    const client = new Redis(market().stack.redis.url);
    await client.flushall().finally(() => client.disconnect());
    await buys();
  });

  it("loses no purchase and no event while MariaDB takes no writes", async function () {
    processOf(this, "mariadb");
    const { stack } = market();
    const isReady = async () =>
      (await fetch(`http://127.0.0.1:${stack.ports.services.pay?.probe}/readyz`)).ok;
    const customers = [];
    for (let count = 0; count < 4; count++) {
      customers.push(await createCustomer(market()));
    }
    const sql = await connectAdmin(stack.mariadb.url);
    let paid = 0;
    const buying = customers.map(async ({ buyer, request }) => {
      await insist(buyer, request);
      paid += 1;
    });
    try {
      await until(() => paid > 0, "the first is paid, and its event is on its way");
      await sql.query("SET GLOBAL read_only = 1");
      const startMs = Date.now();
      await until(async () => !(await isReady()), "pay is not ready");
      // A subscriber that took events now would have moved them to the dead letter queue after this.
      const deadAfterMs = receivesMax * visibilitySeconds * 1000 + 1000;
      await until(() => Date.now() - startMs > deadAfterMs, "dead letters would be made");
    } finally {
      await sql.query("SET GLOBAL read_only = 0");
      await sql.end();
    }
    await Promise.all(buying);
    await until(isReady, "pay is ready");
    expect(paid).to.equal(customers.length);
  });

  it("loses nothing that was acknowledged when MariaDB dies under load", async function () {
    const mariadb = processOf(this, "mariadb");
    const buyers = await Promise.all([1, 2, 3].map(() => market().createBuyer(200_000n)));
    const paid: Purchase[] = [];
    const shopping = buyers.map(async buyer => {
      for (const questionId of market().questionIds) {
        paid.push(await insist(buyer, purchaseRequest([questionId])));
      }
    });
    await until(() => paid.length >= 6, "purchases are in flight");
    await mariadb.kill("SIGKILL");
    const before = paid.length;
    await mariadb.start();
    const startedMs = Date.now();
    await until(() => paid.length > before, "purchases go on");
    expect(Date.now() - startedMs).to.be.below(15_000);
    await Promise.all(shopping);

    expect(paid).to.have.length(buyers.length * market().questionIds.length);
    for (const buyer of buyers) {
      const { questions } = await buyer.library.listOwnedQuestions({ pageSize: 100 });
      expect(questions.map(each => each.questionId)).to.have.members([...market().questionIds]);
      const { wallet } = await buyer.points.getWallet({});
      expect(present(wallet).balancePoints).to.equal(
        200_000n - 10_000n * BigInt(market().questionIds.length),
      );
    }
  });
}
