import { DataTypes } from "sequelize";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { table } from "#kit/data/model.ts";
import type { DiscrepancyKind } from "../domain/charge-rules.ts";

/** A difference between our ledger and the records of the PSP. */
export interface FoundDiscrepancy {
  readonly kind: DiscrepancyKind;
  /** The order id at the PSP; of an unreadable row without one, what else names it. */
  readonly chargeId: string;
  readonly ourAmountPoints: bigint;
  readonly pspAmountPoints: bigint;
}

/** A stored difference. */
export interface Discrepancy extends FoundDiscrepancy {
  readonly discrepancyId: bigint;
  readonly createTime: Date;
  readonly resolveTime: Date | null;
  readonly note: string;
}

const discrepancies = table<Discrepancy>("discrepancy", {
  discrepancyId: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  kind: DataTypes.STRING,
  chargeId: DataTypes.STRING,
  ourAmountPoints: DataTypes.BIGINT,
  pspAmountPoints: DataTypes.BIGINT,
  createTime: DataTypes.DATE(6),
  resolveTime: DataTypes.DATE(6),
  note: DataTypes.STRING,
});

/** Records a difference, once per kind and charge. Opens it again where the PSP's amount has changed since. */
export async function recordDiscrepancy(to: Queryable, found: FoundDiscrepancy): Promise<void> {
  const { kind, chargeId, ourAmountPoints, pspAmountPoints } = found;
  await to.execute(
    `INSERT INTO discrepancy (kind, charge_id, our_amount_points, psp_amount_points) VALUES (?, ?, ?, ?)
      ON DUPLICATE KEY UPDATE resolve_time = IF(psp_amount_points = VALUES(psp_amount_points), resolve_time, NULL),
        psp_amount_points = VALUES(psp_amount_points)`,
    [kind, chargeId, ourAmountPoints, pspAmountPoints],
  );
}

/** Reads a page of the differences, newest first. */
export function listDiscrepancies(
  from: Queryable,
  { includeResolved }: { includeResolved: boolean },
  page: PageCursor,
): Promise<Page<Discrepancy>> {
  return queryPage(from, {
    columns: "discrepancy.*",
    table: "discrepancy",
    index: includeResolved ? "PRIMARY" : "ix_discrepancy_open",
    where: includeResolved ? "" : "resolve_time IS NULL",
    keyset: [{ column: "discrepancy_id", direction: "DESC" }],
    page,
  });
}

export function findDiscrepancy(from: Queryable, discrepancyId: bigint): Promise<Discrepancy | undefined> {
  return discrepancies(from).find({ where: { discrepancyId } });
}

/** Closes the difference that says a payment has no charge, where there is one. */
export async function resolveMissingCredit(tx: Tx, chargeId: string, note: string): Promise<void> {
  await tx.execute(
    `UPDATE discrepancy SET resolve_time = NOW(6), note = ?
      WHERE kind = 'MISSING_CREDIT' AND charge_id = ? AND resolve_time IS NULL`,
    [note, chargeId],
  );
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
