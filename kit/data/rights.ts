import type { Queryable } from "#kit/data/database.ts";
import { migrationTable } from "#kit/data/migrate.ts";

const allRights = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/** What the user of a service may not do with a table, by the comment that the table's migration gives it. */
const withheldByComment: Readonly<Record<string, readonly string[]>> = {
  "": [],
  "never deleted": ["DELETE"],
  "append-only": ["UPDATE", "DELETE"],
};

/**
 * The statements by which the owner of a schema lets the user of a service do what its code does with each table, and
 * nothing else. They are run after every migration; rights that are no longer granted are revoked.
 */
export async function grantStatements(owner: Queryable, user: string): Promise<string[]> {
  if (!/^[A-Za-z0-9_]{1,80}$/.test(user)) {
    throw new Error(`"${user}" is not a name for a database user`);
  }
  const tables = await owner.query<{ schema: string; table: string; comment: string }>(
    `SELECT table_schema AS \`schema\`, table_name AS \`table\`, table_comment AS comment FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_name <> ? ORDER BY table_name`,
    [migrationTable],
  );
  return tables.flatMap(({ schema, table, comment }) => {
    const withheld = withheldByComment[comment];
    if (withheld === undefined) {
      const known = Object.keys(withheldByComment).filter(Boolean).join(" or ");
      throw new Error(`the comment of ${schema}.${table} must be ${known}, or there must be none`);
    }
    const granted = allRights.filter(right => !withheld.includes(right));
    const on = `ON \`${schema}\`.\`${table}\``;
    const grant = `GRANT ${granted.join(", ")} ${on} TO '${user}'@'%'`;
    return withheld.length === 0
      ? [grant]
      : [grant, `REVOKE ${withheld.join(", ")} ${on} FROM '${user}'@'%'`];
  });
}
