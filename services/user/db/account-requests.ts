import { DataTypes, literal, Op } from "sequelize";
import { v7 as uuidv7 } from "uuid";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { insert, raw } from "#kit/data/sql.ts";
import type { AccountRequest, AccountRequestKind } from "../domain/account-request.ts";
import { hashSecret } from "../domain/refresh-token.ts";

const requests = table<AccountRequest>("account_request", {
  requestId: { type: DataTypes.STRING, primaryKey: true },
  kind: DataTypes.STRING,
  userId: DataTypes.BIGINT,
  email: DataTypes.STRING,
  previousEmail: DataTypes.STRING,
  phone: DataTypes.STRING,
  tokenHash: DataTypes.BLOB,
  reportTokenHash: DataTypes.BLOB,
  createTime: DataTypes.DATE(6),
  expireTime: DataTypes.DATE(6),
  confirmTime: DataTypes.DATE(6),
  removeTime: DataTypes.DATE(6),
});

/** A request to add, with how long its token and its row live. */
interface NewAccountRequest
  extends Pick<AccountRequest, "kind">,
    Partial<Pick<AccountRequest, "userId" | "email" | "previousEmail" | "phone">> {
  readonly lifetimeSeconds: number;
  readonly keepSeconds: number;
}

/** Adds a request. Returns its id. */
export async function insertAccountRequest(
  tx: Tx,
  { lifetimeSeconds, keepSeconds, ...request }: NewAccountRequest,
): Promise<string> {
  const requestId = uuidv7();
  const expireTime = raw("NOW(6) + INTERVAL ? SECOND", [lifetimeSeconds]);
  const removeTime = raw("NOW(6) + INTERVAL ? SECOND", [keepSeconds]);
  await insert(tx, "account_request", { requestId, ...request, expireTime, removeTime });
  return requestId;
}

/** Reads a request, whose token may be over. */
export function findAccountRequest(from: Queryable, requestId: string): Promise<AccountRequest | undefined> {
  return requests(from).find({ where: { requestId, removeTime: { [Op.gt]: literal("NOW(6)") } } });
}

/** Reads the newest requests of a user. */
export function listRequestsOf(from: Queryable, userId: bigint, limit: number): Promise<AccountRequest[]> {
  return requests(from).list({ where: { userId }, order: [["requestId", "DESC"]], limit });
}

/** Stores the token of a request, which replaces the previous one. Returns false where the request is over. */
export async function replaceRequestToken(tx: Tx, requestId: string, token: string): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    `UPDATE account_request SET token_hash = ?
      WHERE request_id = ? AND confirm_time IS NULL AND expire_time > NOW(6)`,
    [hashSecret(token), requestId],
  );
  return affectedRows === 1;
}

/** Stores the token with which a change is reported, confirmed or not. Returns false where the request is gone. */
export async function replaceReportToken(tx: Tx, requestId: string, token: string): Promise<boolean> {
  return (await requests(tx).update({ reportTokenHash: hashSecret(token) }, { requestId })) === 1;
}

/** Makes the tokens of older requests for the same address useless; not those of other users who want it too. */
export async function forgetOlderTokens(
  tx: Tx,
  { requestId, kind, userId, email }: Pick<AccountRequest, "requestId" | "kind" | "userId" | "email">,
): Promise<void> {
  await tx.execute(
    `UPDATE account_request SET token_hash = NULL
      WHERE email = ? AND kind = ? AND user_id <=> ? AND request_id < ?`,
    [email, kind, userId, requestId],
  );
}

/** Reads the request that a token was mailed for; undefined where it is unknown, replaced, used or expired. */
export function findAccountRequestOf(
  from: Queryable,
  kind: AccountRequestKind,
  token: string,
): Promise<AccountRequest | undefined> {
  const where = { tokenHash: hashSecret(token), kind, expireTime: { [Op.gt]: literal("NOW(6)") } };
  return requests(from).find({ where });
}

/** Like findAccountRequestOf, and locks the request until the transaction ends. */
export async function lockAccountRequestOf(
  tx: Tx,
  kind: AccountRequestKind,
  token: string,
): Promise<AccountRequest | undefined> {
  const [request] = await tx.query<AccountRequest>(
    "SELECT * FROM account_request WHERE token_hash = ? AND kind = ? AND expire_time > NOW(6) FOR UPDATE",
    [hashSecret(token), kind],
  );
  return request;
}

/** Reads and locks the change of an address that a notice was about. */
export async function lockReportedChange(tx: Tx, token: string): Promise<AccountRequest | undefined> {
  const [request] = await tx.query<AccountRequest>(
    "SELECT * FROM account_request WHERE report_token_hash = ? AND remove_time > NOW(6) FOR UPDATE",
    [hashSecret(token)],
  );
  return request;
}

/** Marks a change as confirmed. Its token is used. */
export async function confirmChange(tx: Tx, requestId: string): Promise<void> {
  await tx.execute(
    "UPDATE account_request SET token_hash = NULL, confirm_time = NOW(6) WHERE request_id = ?",
    [requestId],
  );
}

/** Removes one request. Returns false where it is gone. */
export async function removeRequest(tx: Tx, requestId: string): Promise<boolean> {
  const { affectedRows } = await tx.execute("DELETE FROM account_request WHERE request_id = ?", [requestId]);
  return affectedRows === 1;
}

/** Removes all requests of a kind for an address. */
export async function removeRequestsFor(tx: Tx, kind: AccountRequestKind, email: string): Promise<void> {
  await tx.execute("DELETE FROM account_request WHERE email = ? AND kind = ?", [email, kind]);
}

/** Removes what a user asked for, other than changes of the address that are confirmed. */
export async function removePendingChanges(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("DELETE FROM account_request WHERE user_id = ? AND confirm_time IS NULL", [userId]);
}

/** Removes a change of an address, and all later ones of the same user. */
export async function removeChangesFrom(
  tx: Tx,
  { userId, requestId }: Pick<AccountRequest, "userId" | "requestId">,
): Promise<void> {
  await tx.execute("DELETE FROM account_request WHERE user_id = ? AND request_id >= ?", [userId, requestId]);
}

/** Removes every request that names a user, their address or their phone number. */
export async function removeRequestsAbout(
  tx: Tx,
  { userId, email, phone }: { userId: bigint; email: string; phone: string },
): Promise<void> {
  await tx.execute("DELETE FROM account_request WHERE user_id = ?", [userId]);
  await tx.execute("DELETE FROM account_request WHERE email = ?", [email]);
  await tx.execute("DELETE FROM account_request WHERE phone = ?", [phone]);
}

/** Removes requests that are over. Returns how many. */
export async function removeOldRequests(to: Queryable, limit: number): Promise<number> {
  const { affectedRows } = await to.execute(
    "DELETE FROM account_request WHERE remove_time <= NOW(6) LIMIT ?",
    [limit],
  );
  return affectedRows;
}
