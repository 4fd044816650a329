import type { Document } from "../document.ts";
import { MongoFailure } from "../failure.ts";
import { assertFields, documentField, stringField } from "../fields.ts";
import { BatchReply, type Reply } from "../wire.ts";
import { create, drop, dropDatabase, listCollections } from "./catalog.ts";
import type { Command, Request } from "./command.ts";
import { findAndModify } from "./find-and-modify.ts";
import { buildInfo, endSessions, hello, ping } from "./handshake.ts";
import { createIndexes, dropIndexes, listIndexes } from "./indexes.ts";
import { aggregateCommand, count, distinct, find, getMore, killCursors } from "./reads.ts";
import { deleteCommand, insert, update } from "./writes.ts";

const commands = new Map<string, Command>([
  ["hello", hello],
  ["isMaster", hello],
  ["ismaster", hello],
  ["ping", ping],
  ["buildInfo", buildInfo],
  ["buildinfo", buildInfo],
  ["endSessions", endSessions],
  ["find", find],
  ["getMore", getMore],
  ["killCursors", killCursors],
  ["count", count],
  ["distinct", distinct],
  ["aggregate", aggregateCommand],
  ["insert", insert],
  ["update", update],
  ["delete", deleteCommand],
  ["findAndModify", findAndModify],
  ["findandmodify", findAndModify],
  ["listCollections", listCollections],
  ["create", create],
  ["drop", drop],
  ["dropDatabase", dropDatabase],
  ["createIndexes", createIndexes],
  ["listIndexes", listIndexes],
  ["dropIndexes", dropIndexes],
]);

/** Fields of any command that change nothing on a single server that syncs every write. */
const commonFields = [
  ...["$db", "$readPreference", "$clusterTime", "lsid", "comment", "maxTimeMS"],
  ...["readConcern", "writeConcern", "apiVersion", "apiStrict", "apiDeprecationErrors"],
];
const transactionFields = ["txnNumber", "startTransaction", "autocommit"];

/** Runs a command; returns refusals and unexpected errors as MongoDB's error document. */
export async function dispatch(request: Omit<Request, "name" | "database">): Promise<Reply> {
  try {
    const name = Object.keys(request.body)[0] ?? "";
    const command = commands.get(name);
    if (command === undefined) {
      throw new MongoFailure("CommandNotFound", `no such command: '${name}'`);
    }
    assertCommonFields(request.body);
    assertFields(request.body, new Set([name, ...command.fields, ...commonFields]), name);
    const reply = await command.run({ ...request, name, database: stringField(request.body, "$db") });
    return reply instanceof BatchReply ? reply : { ...reply, ok: 1 };
  } catch (error) {
    return errorReply(error);
  }
}

function errorReply(error: unknown): Document {
  const failure =
    error instanceof MongoFailure
      ? error
      : new MongoFailure("InternalError", error instanceof Error ? error.message : String(error));
  return {
    ok: 0,
    errmsg: failure.message,
    code: failure.code,
    codeName: failure.codeName,
    ...failure.details,
  };
}

function assertCommonFields(body: Document): void {
  if (transactionFields.some(name => body[name] !== undefined)) {
    throw new MongoFailure(
      "IllegalOperation",
      "Transaction numbers are only allowed on a replica set member or mongos",
    );
  }
  const level = documentField(body, "readConcern").level ?? "local";
  if (!["local", "available", "majority"].includes(String(level))) {
    throw new MongoFailure("InvalidOptions", `The read concern '${level}' is not implemented`);
  }
  const w = documentField(body, "writeConcern").w ?? 1;
  if (![0, 1, "majority"].includes(w as number | string)) {
    throw new MongoFailure("BadValue", "cannot use 'w' > 1 when a host is not replicated");
  }
}
