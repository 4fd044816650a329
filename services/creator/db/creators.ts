import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { nameKey } from "#kit/contract/name-key.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { insert, raw, update } from "#kit/data/sql.ts";

/** The part of a creator that its user edits. */
export interface CreatorProfile {
  readonly name: string;
  /** Empty for none. */
  readonly profileImageUrl: string;
  readonly mainSubject: Subject;
  readonly introduction: string;
}

/** A creator with statistics. */
export interface Creator extends CreatorProfile {
  readonly creatorId: bigint;
  readonly userId: bigint;
  /** Increases with every change of the profile. */
  readonly version: bigint;
  readonly createTime: Date;
  /** Null unless the creator withdrew. */
  readonly withdrawTime: Date | null;
  readonly salesCount: bigint;
  readonly subscriberCount: bigint;
  readonly ratingSum: bigint;
  readonly ratingCount: bigint;
}

const select = `SELECT c.*, s.sales_count, s.subscriber_count, s.rating_sum, s.rating_count FROM creator c
  JOIN creator_statistics s ON s.creator_id = c.creator_id`;

/** The public name of every creator who withdrew. */
const withdrawnName = "탈퇴한 크리에이터";
const isReserved = (name: string) => nameKey(name) === nameKey(withdrawnName);

/** Registers a user as a creator. Returns the new id, or which unique key was violated. */
export async function insertCreator(
  tx: Tx,
  userId: bigint,
  profile: CreatorProfile,
): Promise<bigint | "already registered" | "name taken"> {
  if (isReserved(profile.name)) {
    return "name taken";
  }
  try {
    const creatorId = await insert(tx, "creator", { userId, ...profile, nameKey: nameKey(profile.name) });
    await insert(tx, "creator_statistics", { creatorId });
    return creatorId;
  } catch (error) {
    switch (violatedKey(error)) {
      case "uq_creator_user":
        return "already registered";
      case "uq_creator_name":
        return "name taken";
      default:
        throw error;
    }
  }
}

/** Replaces the profile of a creator. Returns false where another creator has the name. */
export async function updateProfile(
  tx: Tx,
  creatorId: bigint,
  { name, profileImageUrl, mainSubject, introduction }: CreatorProfile,
): Promise<boolean> {
  if (isReserved(name)) {
    return false;
  }
  try {
    const version = raw("version + 1");
    await update(
      tx,
      "creator",
      { name, nameKey: nameKey(name), profileImageUrl, mainSubject, introduction, version },
      { sql: "creator_id = ?", values: [creatorId] },
    );
    return true;
  } catch (error) {
    if (violatedKey(error) === "uq_creator_name") {
      return false;
    }
    throw error;
  }
}

/** Withdraws a creator and erases what the person wrote about themselves. */
export async function withdrawCreator(tx: Tx, creatorId: bigint): Promise<void> {
  const erased = { name: withdrawnName, nameKey: null, profileImageUrl: "", introduction: "" };
  await update(
    tx,
    "creator",
    { ...erased, version: raw("version + 1"), withdrawTime: raw("NOW(6)") },
    { sql: "creator_id = ?", values: [creatorId] },
  );
}

export async function findCreator(from: Queryable, creatorId: bigint): Promise<Creator | undefined> {
  const [creator] = await from.query<Creator>(`${select} WHERE c.creator_id = ?`, [creatorId]);
  return creator;
}

/** Reads the creators with these ids, in no order. */
export function findCreators(from: Queryable, creatorIds: readonly bigint[]): Promise<Creator[]> {
  return from.query<Creator>(`${select} WHERE c.creator_id IN (?)`, [creatorIds]);
}

export async function findCreatorOfUser(from: Queryable, userId: bigint): Promise<Creator | undefined> {
  const [creator] = await from.query<Creator>(`${select} WHERE c.user_id = ?`, [userId]);
  return creator;
}

/** Reads the creator of a user and locks its row until the transaction ends. */
export async function lockCreatorOfUser(tx: Tx, userId: bigint): Promise<Creator | undefined> {
  await tx.query("SELECT creator_id FROM creator WHERE user_id = ? FOR UPDATE", [userId]);
  return findCreatorOfUser(tx, userId);
}
