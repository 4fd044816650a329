import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { insertAll, raw } from "#kit/data/sql.ts";
import { moveStateDeferred } from "#kit/data/state-machine.ts";
import type { Writes } from "#kit/data/transaction-statements.ts";
import { entitlementTransitions } from "../domain/entitlement.ts";
import type { FileSet } from "../domain/file-set.ts";

/** A version of a question, with what a library filters and sorts by. */
interface SoldVersion {
  readonly questionId: bigint;
  readonly creatorId: bigint;
  readonly version: number;
  readonly subject: number;
  readonly categoryId: bigint;
  readonly type: number;
  readonly level: number;
  readonly pricePoints: bigint;
}

/** Reads versions of questions. Throws where one does not exist. */
export async function findSoldVersions(
  from: Queryable,
  lines: readonly { questionId: bigint; version: number }[],
): Promise<SoldVersion[]> {
  const versions = await from.query<SoldVersion>(
    `SELECT q.question_id, q.creator_id, v.version, v.subject, v.category_id, v.type, v.level, v.price_points
       FROM question q JOIN question_version v ON v.question_id = q.question_id
      WHERE ${lines.map(() => "(q.question_id = ? AND v.version = ?)").join(" OR ")}`,
    lines.flatMap(({ questionId, version }) => [questionId, version]),
  );
  if (versions.length !== lines.length) {
    throw new Error("a version that is bought does not exist");
  }
  return versions;
}

/** Holds questions of a purchase for a user, all or none. Fails where `isTaken`. */
export async function insertEntitlements(
  to: Writes,
  { userId, purchaseId }: { userId: bigint; purchaseId: string },
  versions: readonly SoldVersion[],
): Promise<void> {
  // Always in the same order, so that two purchases cannot deadlock.
  const sorted = versions.toSorted((a, b) => (a.questionId < b.questionId ? -1 : 1));
  const rows = sorted.map(
    ({ questionId, creatorId, version, subject, categoryId, type, level, pricePoints }) => ({
      userId,
      purchaseId,
      questionId,
      creatorId,
      version,
      subject,
      categoryId,
      type,
      level,
      pricePoints,
    }),
  );
  await insertAll(to, "entitlement", rows);
}

/** True for the error that the user already owns or holds one of the questions. */
export function isTaken(error: unknown): boolean {
  return violatedKey(error) === "uq_entitlement";
}

/** Grants users what purchases hold, owned from the time that `ownTimes` has for the purchase, or from now. */
export async function ownEntitlements(
  tx: Tx,
  purchaseIds: readonly string[],
  ownTimes: ReadonlyMap<string, Date>,
): Promise<void> {
  const times = [...ownTimes];
  const timeOf = `CASE purchase_id ${times.map(() => "WHEN ? THEN ?").join(" ")} ELSE NOW(6) END`;
  await moveStateDeferred(tx, {
    table: "entitlement",
    transitions: entitlementTransitions,
    to: "OWNED",
    where: { sql: "purchase_id IN (?)", values: [purchaseIds] },
    set: { ownTime: times.length === 0 ? raw("NOW(6)") : raw(timeOf, times.flat()) },
  });
}

/** Releases what purchases hold. */
export async function dropEntitlements(tx: Tx, purchaseIds: readonly string[]): Promise<void> {
  await tx.deferred.execute(
    `DELETE e FROM entitlement e FORCE INDEX (ix_entitlement_purchase)
      WHERE e.purchase_id IN (?) AND e.state = 'RESERVED'`,
    [purchaseIds],
  );
}

/** Reads which of the named questions a user owns; without a user, none. */
export async function findOwnedIds(
  from: Queryable,
  userId: bigint | undefined,
  questionIds: readonly bigint[],
): Promise<Set<bigint>> {
  if (userId === undefined || questionIds.length === 0) {
    return new Set();
  }
  const rows = await from.query<{ questionId: bigint }>(
    "SELECT question_id FROM entitlement WHERE user_id = ? AND question_id IN (?) AND state = 'OWNED'",
    [userId, questionIds],
  );
  return new Set(rows.map(row => row.questionId));
}

/** A version of a question that a user owns. */
interface OwnedVersion {
  readonly entitlementId: bigint;
  readonly title: string;
  readonly files: FileSet;
}

/** Reads the version of a question that a user owns. */
export async function findOwnedVersion(
  from: Queryable,
  userId: bigint,
  questionId: bigint,
): Promise<OwnedVersion | undefined> {
  const [version] = await from.query<OwnedVersion>(
    `SELECT e.entitlement_id, v.title, v.files
       FROM entitlement e JOIN question_version v ON v.question_id = e.question_id AND v.version = e.version
      WHERE e.user_id = ? AND e.question_id = ? AND e.state = 'OWNED'`,
    [userId, questionId],
  );
  return version;
}

/** Records the first time that a file is opened. Returns false where the question is not owned any more. */
export async function recordDownload(from: Queryable, entitlementId: bigint): Promise<boolean> {
  const { affectedRows } = await from.execute(
    `UPDATE entitlement SET download_time = COALESCE(download_time, NOW(6))
      WHERE entitlement_id = ? AND state = 'OWNED'`,
    [entitlementId],
  );
  return affectedRows === 1;
}
