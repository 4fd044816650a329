import { expect } from "chai";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { Market } from "../../support/market/market.ts";
import { createCustomer, ended, insist } from "../../support/market/purchase-runs.ts";
import { stopAtWallet } from "../../support/stack/locks.ts";
import { startReplica } from "../../support/stack/replica.ts";
import { supervise } from "../../support/stack/supervisor.ts";
import { until } from "../../support/stack/until.ts";

/** The pay service itself, killed between its steps. */
export function payFaults(market: () => Market): void {
  it("is paid though pay is killed when everything is held, and again when it is paid", async () => {
    const supervisor = supervise(market().stack, { pay: ["purchase.reserved:kill", "purchase.paid:kill"] });
    try {
      const { buyer, request } = await createCustomer(market());
      await supervisor.kill("pay");
      const [purchase] = await Promise.all([insist(buyer, request), supervisor.finished()]);
      expect(purchase.state).to.equal(PurchaseState.PAID);
      const { wallet } = await buyer.points.getWallet({});
      expect(wallet?.balancePoints).to.equal(11_000n);
    } finally {
      await supervisor.stop();
    }
  });

  it("is paid though pay is killed while it waits for a participant, and its caller never retries", async () => {
    const { stack } = market();
    const supervisor = supervise(stack, { pay: [] });
    const { buyer, request } = await createCustomer(market());
    const wallet = await stopAtWallet(stack, buyer.userId);
    try {
      const call = buyer.pay.purchaseQuestions(request).catch(() => undefined);
      await wallet.waiters(1);
      await supervisor.kill("pay");
      expect(await call).to.equal(undefined);
    } finally {
      await wallet.release();
    }
    await supervisor.finished().finally(supervisor.stop);
    expect((await ended(buyer, request)).state).to.equal(PurchaseState.PAID);
  });

  it("is paid once though the pay that started it is frozen and another one takes over", async () => {
    const { stack } = market();
    const frozen = stack.processes.get("pay");
    const other = await startReplica(stack, "pay", { FAILPOINT: "" });
    const sql = await connectAdmin(stack.mariadb.url);
    try {
      const { buyer, request } = await createCustomer(market());
      const wallet = await stopAtWallet(stack, buyer.userId);
      const call = buyer.pay.purchaseQuestions(request);
      await wallet.waiters(1).then(() => frozen?.kill("SIGSTOP"));
      await wallet.release();
      const { purchase_id: id } = await until(async () => {
        const [row] = await sql.query(
          "SELECT purchase_id FROM pay.purchase WHERE request_id = ? AND state = 'PAID'",
          [request.requestId],
        );
        return row as { purchase_id: string } | undefined;
      }, "the other one took over");
      await frozen?.kill("SIGCONT");
      expect((await call).purchase).to.include({ purchaseId: id, state: PurchaseState.PAID });
      const events = await sql.query("SELECT type FROM pay.outbox WHERE body LIKE ?", [`%${id}%`]);
      expect(events).to.have.length(1);
    } finally {
      await frozen?.kill("SIGCONT");
      await sql.end();
      await other.stop();
    }
  });
}
