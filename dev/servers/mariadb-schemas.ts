import { type Connection, createConnection } from "mariadb";

const connectWithinMs = 2_000;

export interface SchemaAccount {
  schema: string;
  user: string;
  password: string;
}

/** Connects by a `mariadb://user:password@host:port` URL. */
export function connectAdmin(adminUrl: string): Promise<Connection> {
  const url = new URL(adminUrl);
  return createConnection({
    host: url.hostname,
    port: url.port ? Number(url.port) : 3306,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    connectTimeout: connectWithinMs,
  });
}

/** Makes schemas and users that are missing and sets the passwords. Each user may do anything in its own schema only. */
export async function createSchemas(adminUrl: string, accounts: SchemaAccount[]): Promise<void> {
  const connection = await connectAdmin(adminUrl);
  try {
    for (const account of accounts) await createSchema(connection, account);
  } finally {
    await connection.end();
  }
}

async function createSchema(connection: Connection, { schema, user, password }: SchemaAccount) {
  for (const name of [schema, user]) {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(name))
      throw new Error(`"${name}" is not a name for a schema or user.`);
  }
  const account = `'${user}'@'%'`;
  const secret = connection.escape(password);
  await connection.query(
    `CREATE DATABASE IF NOT EXISTS \`${schema}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
  );
  await connection.query(`CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ${secret}`);
  await connection.query(`ALTER USER ${account} IDENTIFIED BY ${secret}`);
  // An underscore stands for any character in the schema name of a GRANT.
  await connection.query(`GRANT ALL PRIVILEGES ON \`${schema.replaceAll("_", "\\_")}\`.* TO ${account}`);
}
