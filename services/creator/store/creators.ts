import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Creator,
  type CreatorContent,
  CreatorSchema,
} from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { type CreatorSummary, CreatorSummarySchema } from "#gen/questioncloud/creator/v1/mesh_pb.ts";
import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/database.ts";

interface SummaryRow {
  creator_id: bigint;
  name: string;
  profile_image_url: string;
}

interface Row extends SummaryRow {
  main_subject: number;
  introduction: string;
  create_time: Date;
  sales_count: bigint | null;
}

const select = `SELECT c.creator_id, c.name, c.profile_image_url, c.main_subject, c.introduction, c.create_time, s.sales_count
  FROM creator c LEFT JOIN creator_statistics s ON s.creator_id = c.creator_id`;

/** Makes a user a creator, with statistics at zero. Returns the new id, or what stands against it. */
export async function insertCreator(
  tx: Tx,
  userId: bigint,
  content: CreatorContent,
): Promise<bigint | "creator already" | "name taken"> {
  const { name, profileImageUrl, mainSubject, introduction } = content;
  try {
    const { insertId } = await tx.execute(
      "INSERT INTO creator (user_id, name, profile_image_url, main_subject, introduction) VALUES (?, ?, ?, ?, ?)",
      [userId, name, profileImageUrl, mainSubject, introduction],
    );
    await tx.execute("INSERT INTO creator_statistics (creator_id) VALUES (?)", [insertId]);
    return insertId;
  } catch (error) {
    switch (violatedKey(error)) {
      case "uq_creator_user":
        return "creator already";
      case "uq_creator_name":
        return "name taken";
      default:
        throw error;
    }
  }
}

/** Replaces the profile of a creator. Returns false where another one has the name. */
export async function updateCreator(
  from: Queryable,
  creatorId: bigint,
  { name, profileImageUrl, mainSubject, introduction }: CreatorContent,
): Promise<boolean> {
  try {
    await from.execute(
      "UPDATE creator SET name = ?, profile_image_url = ?, main_subject = ?, introduction = ? WHERE creator_id = ?",
      [name, profileImageUrl, mainSubject, introduction, creatorId],
    );
    return true;
  } catch (error) {
    if (violatedKey(error) === "uq_creator_name") {
      return false;
    }
    throw error;
  }
}

/** Reads a creator with statistics. */
export async function findCreator(from: Queryable, creatorId: bigint): Promise<Creator | undefined> {
  const [row] = await from.query<Row>(`${select} WHERE c.creator_id = ?`, [creatorId]);
  return row && toCreator(row);
}

/** Reads the creator that a user is. */
export async function findCreatorOfUser(from: Queryable, userId: bigint): Promise<Creator | undefined> {
  const [row] = await from.query<Row>(`${select} WHERE c.user_id = ?`, [userId]);
  return row && toCreator(row);
}

/** Reads the id of the creator that a user is. */
export async function findCreatorId(from: Queryable, userId: bigint): Promise<bigint | undefined> {
  const [row] = await from.query<{ creator_id: bigint }>("SELECT creator_id FROM creator WHERE user_id = ?", [
    userId,
  ]);
  return row?.creator_id;
}

/** Reads the names of creators, in no order; unknown ids are left out. */
export async function findSummaries(
  from: Queryable,
  creatorIds: readonly bigint[],
): Promise<CreatorSummary[]> {
  const rows = await from.query<SummaryRow>(
    "SELECT creator_id, name, profile_image_url FROM creator WHERE creator_id IN (?)",
    [creatorIds],
  );
  return rows.map(row =>
    create(CreatorSummarySchema, {
      creatorId: row.creator_id,
      name: row.name,
      profileImageUrl: row.profile_image_url,
    }),
  );
}

/** Adds copies sold to a creator; an unknown creator is ignored. */
export async function addSales(tx: Tx, creatorId: bigint, count: number): Promise<void> {
  await tx.execute("UPDATE creator_statistics SET sales_count = sales_count + ? WHERE creator_id = ?", [
    count,
    creatorId,
  ]);
}

function toCreator(row: Row): Creator {
  return create(CreatorSchema, {
    creatorId: row.creator_id,
    name: row.name,
    profileImageUrl: row.profile_image_url,
    mainSubject: row.main_subject as Subject,
    introduction: row.introduction,
    statistics: { salesCount: row.sales_count ?? 0n },
    createTime: timestampFromDate(row.create_time),
  });
}
