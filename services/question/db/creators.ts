import { DataTypes } from "sequelize";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";

/** The stored copy of a creator, from CreatorChanged and the creator directory. */
export interface CreatorRow {
  readonly creatorId: bigint;
  readonly userId: bigint;
  readonly name: string;
  /** Empty for none. */
  readonly profileImageUrl: string;
  readonly version: bigint;
  /** Sells nothing any more. */
  readonly withdrawn: boolean;
}

/** The tasks of creators; one exists while questions of a creator who withdrew have to be deleted. */
export const withdrawalTask = "withdrawal";

const creators = table<CreatorRow>("creator", {
  creatorId: { type: DataTypes.BIGINT, primaryKey: true },
  userId: DataTypes.BIGINT,
  name: DataTypes.STRING,
  profileImageUrl: DataTypes.STRING,
  version: DataTypes.BIGINT,
  withdrawn: DataTypes.BOOLEAN,
});

export function findCreatorOfUser(from: Queryable, userId: bigint): Promise<CreatorRow | undefined> {
  return creators(from).find({ where: { userId } });
}

/** Whether a creator still writes; one who does cannot withdraw until the transaction ends. */
export async function isWriting(tx: Tx, creatorId: bigint): Promise<boolean> {
  const rows = await tx.query(
    "SELECT 1 FROM creator WHERE creator_id = ? AND NOT withdrawn LOCK IN SHARE MODE",
    [creatorId],
  );
  return rows.length === 1;
}

/** What an event or the directory says; the directory knows none who withdrew. */
type SeenCreator = Omit<CreatorRow, "withdrawn"> & Partial<Pick<CreatorRow, "withdrawn">>;

/**
 * Stores a creator unless the same or a newer version is stored. The version is assigned last, because the others
 * compare with it.
 */
export async function storeCreator(
  to: Queryable,
  { creatorId, userId, name, profileImageUrl, version, withdrawn = false }: SeenCreator,
): Promise<void> {
  await to.execute(
    `INSERT INTO creator (creator_id, user_id, name, profile_image_url, version, withdrawn) VALUES (?, ?, ?, ?, ?, ?)
      ON DUPLICATE KEY UPDATE
        name = IF(VALUES(version) > version, VALUES(name), name),
        profile_image_url = IF(VALUES(version) > version, VALUES(profile_image_url), profile_image_url),
        withdrawn = withdrawn OR VALUES(withdrawn),
        version = GREATEST(version, VALUES(version))`,
    [creatorId, userId, name, profileImageUrl, version, withdrawn],
  );
}
