import type { Collections } from "../collections.ts";
import type { Cursors } from "../cursors.ts";
import type { Document } from "../document.ts";
import { MongoFailure } from "../failure.ts";
import { stringField } from "../fields.ts";
import type { Reply } from "../wire.ts";

export type Request = {
  readonly name: string;
  readonly database: string;
  readonly body: Document;
  readonly connectionId: number;
  readonly collections: Collections;
  readonly cursors: Cursors;
};

/** A command and the fields that it implements; a request with other fields is refused. */
export type Command = {
  readonly fields: readonly string[];
  run(request: Request): Reply | Promise<Reply>;
};

/** The full name of the collection that a command works on. */
export function namespaceOf({ database, body, name }: Request, field = name): string {
  return namespaceIn(database, stringField(body, field));
}

export function namespaceIn(database: string, collection: string): string {
  if (/[\0$]/.test(collection) || collection.startsWith("system.") || collection.startsWith(".")) {
    throw new MongoFailure("InvalidNamespace", `Invalid collection name: '${collection}'`);
  }
  return `${database}.${collection}`;
}
