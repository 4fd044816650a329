import { DataTypes } from "sequelize";
import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { insert } from "#kit/data/sql.ts";
import type { SocialAccount, SocialIdentity, SocialProviderName } from "../domain/social.ts";

const accounts = table<SocialAccount>("social_account", {
  provider: { type: DataTypes.STRING, primaryKey: true },
  subject: { type: DataTypes.STRING, primaryKey: true },
  userId: DataTypes.BIGINT,
  createTime: DataTypes.DATE(6),
});

const keys: ReadonlySet<string | undefined> = new Set(["PRIMARY", "uq_social_account_user"]);

/** Links an identity to a user. Returns false where it is linked, or the user has another one of the provider. */
export async function insertSocialAccount(
  tx: Tx,
  userId: bigint,
  { provider, subject }: SocialIdentity,
): Promise<boolean> {
  try {
    await insert(tx, "social_account", { provider, subject, userId });
    return true;
  } catch (error) {
    if (keys.has(violatedKey(error))) {
      return false;
    }
    throw error;
  }
}

export function findSocialAccount(
  from: Queryable,
  { provider, subject }: SocialIdentity,
): Promise<SocialAccount | undefined> {
  return accounts(from).find({ where: { provider, subject } });
}

/** Reads the identities of a user; there is at most one of each provider. */
export function listSocialAccounts(from: Queryable, userId: bigint): Promise<SocialAccount[]> {
  return accounts(from).list({ where: { userId }, order: ["provider"] });
}

/** Unlinks the identity of a provider. Returns false where the user has none. */
export async function removeSocialAccount(
  tx: Tx,
  userId: bigint,
  provider: SocialProviderName,
): Promise<boolean> {
  return (await accounts(tx).remove({ userId, provider })) === 1;
}

/** Unlinks every identity of a user. */
export async function removeSocialAccounts(tx: Tx, userId: bigint): Promise<void> {
  await accounts(tx).remove({ userId });
}
