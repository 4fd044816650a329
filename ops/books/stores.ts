import { createConnection } from "mongoose";
import { z } from "zod";
import { type Environment, readConfig } from "#kit/config.ts";
import { createDatabase, type Database } from "#kit/database.ts";
import type { Pg } from "../../services/point/pg/pg.ts";
import { createTossPg } from "../../services/point/pg/toss.ts";
import { type ServiceName, serviceNames } from "../services.ts";

/** Every store in which books are kept, to read. */
export interface Stores {
  readonly databases: Readonly<Record<ServiceName, Database>>;
  /** The documents of the purchase history by id; undefined where there is none. */
  history(purchaseIds: readonly string[]): Promise<Map<string, Record<string, unknown>>>;
  /** The ids of all documents of the purchase history, in order, below `limit` after `afterId`. */
  historyIds(afterId: string, limit: number): Promise<string[]>;
  readonly pg: Pick<Pg, "listTransactions">;
  close(): Promise<void>;
}

/** What a finding depends on beside the stores. */
export interface CheckOptions {
  /** Work younger than this may still be under way and proves nothing. */
  readonly graceSeconds: number;
  /** How many days of the payment gateway's books are compared. */
  readonly gatewayDays: number;
}

/** A rule of the books. Yields one line for each thing that breaks it. */
export interface Check {
  readonly name: string;
  readonly run: (stores: Stores, options: CheckOptions) => AsyncIterable<string>;
}

/** Opens every store by the variables of the services. */
export async function openStores(env: Environment): Promise<Stores> {
  const variables = Object.fromEntries(
    serviceNames.map(name => [`${name.toUpperCase()}_DATABASE_URL`, z.string()]),
  );
  const urls = readConfig(env, variables);
  const other = readConfig(env, {
    PAY_MONGODB_URI: z.string(),
    POINT_PG_API_URL: z.url(),
    POINT_PG_SECRET_KEY: z.string(),
  });
  const databases = Object.fromEntries(
    serviceNames.map(name => [
      name,
      createDatabase({ url: urls[`${name.toUpperCase()}_DATABASE_URL`] ?? "", poolSize: 2 }),
    ]),
  ) as Record<ServiceName, Database>;
  const mongo = await createConnection(other.PAY_MONGODB_URI, { serverSelectionTimeoutMS: 5000 }).asPromise();
  const documents = mongo.collection<{ _id: string }>("purchase_history");
  return {
    databases,
    async history(purchaseIds) {
      const found = await documents.find({ _id: { $in: [...purchaseIds] } }).toArray();
      return new Map(found.map(document => [document._id, document]));
    },
    async historyIds(afterId, limit) {
      const found = await documents
        .find({ _id: { $gt: afterId } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(document => document._id);
    },
    pg: createTossPg({ baseUrl: other.POINT_PG_API_URL, secretKey: other.POINT_PG_SECRET_KEY }),
    async close() {
      await Promise.all([mongo.close(), ...Object.values(databases).map(database => database.close())]);
    },
  };
}

const pageRows = 500;

/** Reads rows page by page: `sql` takes the key after which to begin, and ends in a LIMIT of its own. */
export async function* pages<Row extends { id: string | bigint }>(
  database: Database,
  sql: string,
  firstKey: string | bigint,
): AsyncIterable<Row[]> {
  let after = firstKey;
  for (;;) {
    const rows = await database.query<Row>(`${sql} LIMIT ${pageRows}`, [after]);
    if (rows.length > 0) {
      yield rows;
    }
    const last = rows.at(-1);
    if (rows.length < pageRows || last === undefined) {
      return;
    }
    after = last.id;
  }
}
