import { type Check, pages, type Stores } from "./stores.ts";

interface Charge {
  id: string;
  user_id: bigint;
  state: string;
  amount_points: bigint;
  credited: string | bigint | null;
  age_seconds: bigint;
}

/** What was credited is what the payment gateway captured. Known differences stand in the list of discrepancies. */
export const chargeCheck: Check = {
  name: "I5  charges and the payment gateway",
  async *run(stores, { graceSeconds, gatewayDays }) {
    const select = `SELECT c.charge_id AS id, c.user_id, c.state, c.amount_points,
        TIMESTAMPDIFF(SECOND, c.create_time, NOW(6)) AS age_seconds,
        (SELECT SUM(e.delta_points) FROM ledger_entry e
          WHERE e.reference = c.charge_id AND e.type = 'CHARGE' AND e.user_id = c.user_id) AS credited
      FROM charge c WHERE c.charge_id > ? ORDER BY c.charge_id`;
    const captured = await capturedAtGateway(stores, gatewayDays);
    const known = await knownDiscrepancies(stores);
    const since = Date.now() - (gatewayDays - 1) * dayMs;
    for await (const page of pages<Charge>(stores.databases.point, select, "")) {
      for (const charge of page) {
        yield* compareCharge(charge, graceSeconds);
        const seen = captured.get(charge.id) ?? 0n;
        captured.delete(charge.id);
        const ours = charge.state === "CHARGED" ? charge.amount_points : 0n;
        const young = Number(charge.age_seconds) * 1000 < Date.now() - since;
        if (seen !== ours && young && !known.has(charge.id) && charge.state !== "CONFIRMING") {
          yield `charge ${charge.id} is ${charge.state} with ${ours} points, the gateway has ${seen}`;
        }
      }
    }
    for (const [id, amount] of captured) {
      if (amount !== 0n && !known.has(id)) {
        yield `the gateway has ${amount} for ${id}, which is no charge`;
      }
    }
  },
};

const dayMs = 24 * 3600 * 1000;

function* compareCharge(charge: Charge, graceSeconds: number): Iterable<string> {
  const credited = BigInt(charge.credited ?? 0);
  const expected = charge.state === "CHARGED" ? charge.amount_points : 0n;
  if (credited !== expected) {
    yield `charge ${charge.id} is ${charge.state} over ${charge.amount_points} points and credited ${credited}`;
  }
  if (charge.state === "CONFIRMING" && Number(charge.age_seconds) >= graceSeconds) {
    yield `charge ${charge.id} is still CONFIRMING`;
  }
}

async function capturedAtGateway({ pg }: Stores, days: number): Promise<Map<string, bigint>> {
  const captured = new Map<string, bigint>();
  for (let age = days - 1; age >= 0; age--) {
    const day = new Date(Date.now() - age * dayMs).toLocaleDateString("sv-SE", { timeZone: "Asia/Seoul" });
    for await (const { chargeId, kind, amountPoints } of pg.listTransactions(day)) {
      const delta = kind === "capture" ? amountPoints : -amountPoints;
      captured.set(chargeId, (captured.get(chargeId) ?? 0n) + delta);
    }
  }
  return captured;
}

async function knownDiscrepancies({ databases: { point } }: Stores): Promise<Set<string>> {
  const rows = await point.query<{ charge_id: string }>("SELECT charge_id FROM discrepancy");
  return new Set(rows.map(row => row.charge_id));
}
