import type { Client } from "@connectrpc/connect";
import type { Connection } from "mariadb";
import { createPspSim } from "#dev/sim/psp/sim-client.ts";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { WalletService } from "#gen/questioncloud/point/v1/internal_wallet_pb.ts";
import { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import {
  type Charge,
  ChargePackage,
  type ChargeState,
  ChargeStateSchema,
  LedgerAccount,
  PointService,
} from "#gen/questioncloud/point/v1/point_pb.ts";
import { ReservationService } from "#gen/questioncloud/reservation/v1/internal_reservation_pb.ts";
import { type Person, signUp, signUpAdmin } from "../market/people.ts";
import { createInternalClient, createPublicClient } from "../rpc/clients.ts";
import { participantStack } from "../stack/participant-stack.ts";
import { until } from "../stack/until.ts";

/** Clients of the point service, direct access to its schema, and the other side of the PSP. */
export type PointSuite = Awaited<ReturnType<typeof openPointSuite>>;

/** A user with a client of the point service. */
export interface Payer extends Person {
  readonly points: Client<typeof PointService>;
}

/** A charge that its buyer has paid at the PSP and not confirmed yet. */
export interface PaidOrder {
  readonly chargeId: string;
  readonly paymentKey: string;
  readonly amountPoints: bigint;
}

/** Opens what the suites of the point service have in common. */
export async function openPointSuite() {
  const stack = await participantStack();
  const sql = await connectAdmin(stack.mariadb.url);
  await sql.query("USE point");
  const asPay = { callee: "point", as: "pay" };
  const wallets = await createInternalClient(stack, { service: WalletService, ...asPay });
  const reservations = await createInternalClient(stack, { service: ReservationService, ...asPay });
  const operator = await signUpAdmin(stack);
  const admin = createPublicClient(stack, PointAdminService, { token: operator.token });
  const sim = createPspSim(stack.pspUrl);
  const points = (token: string) => createPublicClient(stack, PointService, { token });
  const give = (userId: bigint, deltaPoints: bigint, account: LedgerAccount = LedgerAccount.PAID) =>
    admin.adjustPoints({
      requestId: crypto.randomUUID(),
      userId,
      deltaPoints,
      account,
      reason: "for a test",
    });
  return {
    stack,
    sql,
    wallets,
    reservations,
    operator,
    admin,
    sim,
    points,
    give,
    async payer(): Promise<Payer> {
      const person = await signUp(stack, "구매자");
      return { ...person, points: points(person.token) };
    },
    order,
    /** Orders a package and pays it at the PSP. */
    async pay(payer: Payer, method?: Parameters<typeof sim.authorize>[2]): Promise<PaidOrder> {
      const { chargeId, amountPoints } = await order(payer);
      return {
        chargeId,
        amountPoints,
        paymentKey: await sim.authorize(chargeId, Number(amountPoints), method),
      };
    },
    /** Sends a webhook as the PSP does. */
    webhook: (body: object | string) =>
      fetch(`${stack.gatewayUrl}/webhooks/toss`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    close: async () => {
      wallets.close();
      reservations.close();
      await sql.end();
    },
  };
}

/** Orders 5,000 points, or another package. */
export async function order(payer: Payer, chosen = ChargePackage.B): Promise<Charge> {
  const { charge } = await payer.points.createCharge({ requestId: crypto.randomUUID(), package: chosen });
  if (charge === undefined) {
    throw new Error("no charge was made");
  }
  return charge;
}

/** The PSP captures without the point service, as after a confirm that it lost. */
export async function captureAtPsp(suite: PointSuite, paid: PaidOrder): Promise<void> {
  const { POINT_TOSS_API_URL: url, POINT_TOSS_SECRET_KEY: key } = suite.stack.env;
  const { paymentKey, chargeId: orderId, amountPoints } = paid;
  const answer = await fetch(`${url}/v1/payments/confirm`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${key}:`)}`, "content-type": "application/json" },
    body: JSON.stringify({ paymentKey, orderId, amount: Number(amountPoints) }),
  });
  if (!answer.ok) {
    throw new Error(`the PSP did not capture: ${await answer.text()}`);
  }
}

/** The body of a webhook about a charge. */
export function statusChanged(chargeId: string, status = "DONE"): object {
  const data = { orderId: chargeId, status, totalAmount: 999_999_999, paymentKey: "forged" };
  return { eventType: "PAYMENT_STATUS_CHANGED", createdAt: "2026-01-01T00:00:00.000000", data };
}

/** Waits until a charge is in a state, and returns it. */
export async function untilState(payer: Payer, chargeId: string, state: ChargeState): Promise<Charge> {
  return until(async () => {
    const { charge } = await payer.points.getCharge({ chargeId });
    return charge?.state === state ? charge : undefined;
  }, `${chargeId} is ${ChargeStateSchema.value[state]?.localName}`);
}

/** Moves a charge two hours into the past and makes its task due. */
export async function age(sql: Connection, chargeId: string): Promise<void> {
  await sql.query(
    `UPDATE charge SET create_time = create_time - INTERVAL 2 HOUR, expire_time = expire_time - INTERVAL 2 HOUR,
       confirm_time = confirm_time - INTERVAL 2 HOUR WHERE charge_id = ?`,
    [chargeId],
  );
  await sql.query(
    `UPDATE task SET due_time = NOW(6), recheck_requested = claimed_until IS NOT NULL
      WHERE kind = 'charge' AND id = ?`,
    [chargeId],
  );
}

/** Fails unless the ledger sums to zero and the wallet of the user is the sum of its entries. */
export async function requireBalanced(sql: Connection, userId: bigint): Promise<void> {
  const [sums] = await sql.query(
    `SELECT (SELECT COALESCE(SUM(delta_points), 0) FROM ledger_entry) AS total,
       (SELECT COUNT(*) FROM (SELECT reference FROM ledger_entry
          GROUP BY reference, type HAVING SUM(delta_points) <> 0) AS one_sided) AS oneSided`,
  );
  const [wallet] = await sql.query(
    "SELECT paid_points, bonus_points, held_points FROM wallet WHERE user_id = ?",
    [userId],
  );
  const entries = await sql.query(
    "SELECT account, SUM(delta_points) AS points FROM ledger_entry WHERE user_id = ? GROUP BY account",
    [userId],
  );
  const sumOf = (account: string) =>
    BigInt(entries.find((entry: { account: string }) => entry.account === account)?.points ?? 0);
  const ledger = [sumOf("PAID"), sumOf("BONUS"), sumOf("HELD")];
  const balances = [wallet?.paid_points ?? 0n, wallet?.bonus_points ?? 0n, wallet?.held_points ?? 0n];
  if (Number(sums.total) !== 0 || Number(sums.oneSided) !== 0 || ledger.join() !== balances.join()) {
    throw new Error(`ledger ${ledger}, wallet ${balances}, total ${sums.total}, oneSided ${sums.oneSided}`);
  }
}
