import { type Connection, createConnection } from "mariadb";

const connectWithinMs = 2_000;

interface SchemaAccount {
  schema: string;
  /** Migrates the schema and grants rights on it; absent where `user` does that itself. */
  owner?: string;
  user: string;
  /** Of both users. */
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

/**
 * Creates missing schemas and users and sets the passwords. An owner may do anything in its own schema, grant rights
 * on it included, and nothing elsewhere; the user of a schema with an owner may do nothing until the owner grants it.
 */
export async function createSchemas(adminUrl: string, accounts: SchemaAccount[]): Promise<void> {
  const connection = await connectAdmin(adminUrl);
  try {
    for (const account of accounts) {
      await createSchema(connection, account);
    }
  } finally {
    await connection.end();
  }
}

async function createSchema(connection: Connection, { schema, user, owner = user, password }: SchemaAccount) {
  await connection.query(
    `CREATE DATABASE IF NOT EXISTS \`${checkName(schema)}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
  );
  const secret = connection.escape(password);
  for (const account of new Set([owner, user].map(name => `'${checkName(name)}'@'%'`))) {
    await connection.query(`CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ${secret}`);
    await connection.query(`ALTER USER ${account} IDENTIFIED BY ${secret}`);
  }
  // In the schema name of a GRANT an underscore matches any character.
  const own = schema.replaceAll("_", "\\_");
  await connection.query(`GRANT ALL PRIVILEGES ON \`${own}\`.* TO '${owner}'@'%' WITH GRANT OPTION`);
}

function checkName(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) {
    throw new Error(`"${name}" is not a name for a schema or user.`);
  }
  return name;
}
