import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { serviceNames } from "#kit/contract/contracts.ts";

/** A checksum of the rows of every table of every service, by the name of the table. */
export async function checksumTables(stack: Stack): Promise<ReadonlyMap<string, string>> {
  const sql = await connectAdmin(stack.mariadb.url);
  try {
    const tables: { name: string }[] = await sql.query(
      `SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables
        WHERE table_schema IN (?) AND table_type = 'BASE TABLE'`,
      [serviceNames],
    );
    const sums: { Table: string; Checksum: bigint | null }[] = await sql.query(
      `CHECKSUM TABLE ${tables.map(({ name }) => name).join(", ")}`,
    );
    return new Map(sums.map(({ Table, Checksum }) => [Table, String(Checksum)]));
  } finally {
    await sql.end();
  }
}
