import type { Database } from "#kit/data/database.ts";

/** Adds creators with the ids from 1 to `count`, with statistics at zero, to the schema of the creator service. */
export async function addCreators(database: Database, count: number): Promise<void> {
  await database.execute(
    `INSERT INTO creator (creator_id, user_id, name, name_key, profile_image_url, main_subject, introduction)
      SELECT seq, seq, seq, seq, '', 1, '' FROM seq_1_to_${count}`,
  );
  await database.execute("INSERT INTO creator_statistics (creator_id) SELECT creator_id FROM creator");
}
