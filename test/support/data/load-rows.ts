import type { Database } from "#kit/data/database.ts";

/** Rows of a table, and the SQL of the columns that matter; `seq` counts from 1. */
export interface LoadedTable {
  readonly table: string;
  readonly values?: Readonly<Record<string, string>>;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly size: bigint | null;
}

/**
 * Fills a table with the rows from `first` on, by one statement. Columns that have no default get values that differ
 * from row to row.
 */
export async function loadRows(
  database: Database,
  rows: number,
  loaded: LoadedTable,
  first = 1,
): Promise<void> {
  const { table, values = {} } = loaded;
  const columns = await database.query<Column>(
    `SELECT column_name AS name, column_type AS type, character_maximum_length AS size
      FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ? AND is_nullable = 'NO' AND column_default IS NULL
        AND extra = '' ORDER BY ordinal_position`,
    [table],
  );
  const expressions = {
    ...Object.fromEntries(columns.map(each => [each.name, expressionOf(each)])),
    ...values,
  };
  await database.transaction(async tx => {
    await tx.execute("SET foreign_key_checks = 0, unique_checks = 0");
    await tx.execute(
      `INSERT INTO ${table} (${Object.keys(expressions).join(", ")})
        SELECT ${Object.values(expressions).join(", ")} FROM seq_${first}_to_${first + rows - 1}`,
    );
    await tx.execute("SET foreign_key_checks = 1, unique_checks = 1");
  });
  await database.query(`ANALYZE TABLE ${table}`);
}

function expressionOf({ type, size }: Column): string {
  const kind = type.replace(/\W.*/, "");
  switch (kind) {
    case "binary":
      // In order, which is the fastest to insert.
      return `UNHEX(LPAD(HEX(seq), ${2n * (size ?? 0n)}, '0'))`;
    case "datetime":
      return "NOW(6) + INTERVAL seq SECOND";
    case "enum":
      return /'[^']*'/.exec(type)?.[0] ?? "''";
    case "char":
      return `LPAD(seq, ${size}, '0')`;
    default:
      return /int|decimal/.test(kind) ? "1 + seq % 100" : "seq";
  }
}
