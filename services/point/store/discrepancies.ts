import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  DiscrepancyKind as ContractKind,
  type Discrepancy,
  DiscrepancySchema,
} from "#gen/questioncloud/point/v1/point_pb.ts";
import type { Queryable } from "#kit/database.ts";
import type { DiscrepancyKind } from "../charge-rules.ts";

export interface FoundDiscrepancy {
  readonly kind: DiscrepancyKind;
  /** The order id at the gateway. */
  readonly chargeId: string;
  readonly ourAmountPoints: bigint;
  readonly gatewayAmountPoints: bigint;
}

/** Records a difference, once per kind and charge. Where the gateway's amount changed since, it is open again. */
export async function recordDiscrepancy(to: Queryable, found: FoundDiscrepancy): Promise<void> {
  const { kind, chargeId, ourAmountPoints, gatewayAmountPoints } = found;
  await to.execute(
    `INSERT INTO discrepancy (kind, charge_id, our_amount_points, gateway_amount_points) VALUES (?, ?, ?, ?)
      ON DUPLICATE KEY UPDATE resolve_time = IF(gateway_amount_points = VALUES(gateway_amount_points), resolve_time, NULL),
        gateway_amount_points = VALUES(gateway_amount_points)`,
    [kind, chargeId, ourAmountPoints, gatewayAmountPoints],
  );
}

interface Row {
  discrepancy_id: bigint;
  kind: DiscrepancyKind;
  charge_id: string;
  our_amount_points: bigint;
  gateway_amount_points: bigint;
  create_time: Date;
  resolve_time: Date | null;
  note: string;
}

const columns =
  "discrepancy_id, kind, charge_id, our_amount_points, gateway_amount_points, create_time, resolve_time, note";

/** Reads differences by falling id, below `beforeId` where it is given. */
export async function listDiscrepancies(
  from: Queryable,
  page: { includeResolved: boolean; beforeId: bigint | undefined; limit: number },
): Promise<Discrepancy[]> {
  const open = page.includeResolved ? "" : "resolve_time IS NULL AND";
  const rows = await from.query<Row>(
    `SELECT ${columns} FROM discrepancy WHERE ${open} discrepancy_id < ? ORDER BY discrepancy_id DESC LIMIT ?`,
    [page.beforeId ?? 2n ** 63n - 1n, page.limit],
  );
  return rows.map(toDiscrepancy);
}

/** Reads a difference by its id. */
export async function findDiscrepancy(
  from: Queryable,
  discrepancyId: bigint,
): Promise<Discrepancy | undefined> {
  const [row] = await from.query<Row>(`SELECT ${columns} FROM discrepancy WHERE discrepancy_id = ?`, [
    discrepancyId,
  ]);
  return row && toDiscrepancy(row);
}

/** Closes a difference. Returns false where it is closed or unknown. */
export async function resolveDiscrepancy(
  to: Queryable,
  discrepancyId: bigint,
  note: string,
): Promise<boolean> {
  const { affectedRows } = await to.execute(
    "UPDATE discrepancy SET resolve_time = NOW(6), note = ? WHERE discrepancy_id = ? AND resolve_time IS NULL",
    [note, discrepancyId],
  );
  return affectedRows === 1;
}

/** How many differences are open. */
export async function countOpenDiscrepancies(from: Queryable): Promise<number> {
  const [row] = await from.query<{ open: bigint }>(
    "SELECT COUNT(*) AS open FROM discrepancy WHERE resolve_time IS NULL",
  );
  return Number(row?.open ?? 0);
}

function toDiscrepancy(row: Row): Discrepancy {
  return create(DiscrepancySchema, {
    discrepancyId: row.discrepancy_id,
    kind: ContractKind[row.kind],
    chargeId: row.charge_id,
    ourAmountPoints: row.our_amount_points,
    gatewayAmountPoints: row.gateway_amount_points,
    createTime: timestampFromDate(row.create_time),
    ...(row.resolve_time === null ? {} : { resolveTime: timestampFromDate(row.resolve_time) }),
    note: row.note,
  });
}
