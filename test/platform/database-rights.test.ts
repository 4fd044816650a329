import { expect } from "chai";
import { type Connection, createConnection, type SqlError } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { sharedStack } from "../support/stack/stack.ts";

const denied = 1142;

describe("the database user of a service", () => {
  let stack: Stack;
  const open: Connection[] = [];

  before(async () => {
    stack = await sharedStack();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(connection => connection.end()));
  });

  async function connect(service: string): Promise<Connection> {
    const url = new URL(stack.env[`${service.toUpperCase()}_DATABASE_URL`] ?? "");
    const connection = await createConnection({
      host: url.hostname,
      port: Number(url.port),
      user: url.username,
      password: url.password,
      database: url.pathname.slice(1),
    });
    open.push(connection);
    return connection;
  }

  async function errorOf(connection: Connection, sql: string): Promise<number | undefined> {
    return connection.query(sql).then(
      () => undefined,
      (error: SqlError) => error.errno,
    );
  }

  it("may not change or delete append-only rows: ledger, audit log, versions, purchased lines", async () => {
    const tables = {
      point: ["ledger_entry", "month_opening", "adjustment", "audit_log"],
      question: ["question_version"],
      pay: ["purchase_line", "purchase_discount"],
    };
    for (const [service, names] of Object.entries(tables)) {
      const connection = await connect(service);
      for (const name of names) {
        expect(await errorOf(connection, `SELECT COUNT(*) FROM ${name}`), name).to.equal(undefined);
        expect(await errorOf(connection, `UPDATE ${name} SET create_time = create_time`), name).to.equal(
          denied,
        );
        expect(await errorOf(connection, `DELETE FROM ${name}`), name).to.equal(denied);
      }
    }
  });

  it("may not delete wallets, charges, purchases and reservations", async () => {
    const tables = { point: ["wallet", "charge", "reservation"], pay: ["purchase"], coupon: ["user_coupon"] };
    for (const [service, names] of Object.entries(tables)) {
      const connection = await connect(service);
      for (const name of names) {
        expect(await errorOf(connection, `DELETE FROM ${name} WHERE FALSE`), name).to.equal(denied);
      }
    }
  });

  it("may not change its schema, and sees no other", async () => {
    for (const service of serviceNames) {
      const connection = await connect(service);
      expect(await errorOf(connection, "CREATE TABLE mine (a INT)"), service).to.equal(denied);
      expect(await errorOf(connection, "ALTER TABLE outbox ADD a INT"), service).to.equal(denied);
      expect(await errorOf(connection, "TRUNCATE outbox"), service).to.equal(denied);
      expect(await errorOf(connection, "SELECT * FROM migration"), service).to.equal(denied);
      const sibling = serviceNames.find(name => name !== service);
      expect(await errorOf(connection, `SELECT * FROM ${sibling}.outbox`), service).to.equal(denied);
    }
  });

  it("has the rights of every table in its schema", async () => {
    const admin = await connectAdmin(stack.mariadb.url);
    open.push(admin);
    const missing = await admin.query(
      `SELECT table_schema, table_name FROM information_schema.tables t
        WHERE table_schema IN (?) AND table_name <> 'migration' AND NOT EXISTS (
          SELECT 1 FROM information_schema.table_privileges p WHERE p.table_schema = t.table_schema
            AND p.table_name = t.table_name AND p.grantee = CONCAT("'", t.table_schema, "'@'%'")
            AND p.privilege_type = 'INSERT')`,
      [serviceNames],
    );
    expect(missing).to.deep.equal([]);
  });
});
