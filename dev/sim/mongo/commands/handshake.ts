import { maxDocumentBytes } from "../document.ts";
import { maxMessageBytes } from "../wire.ts";
import type { Command } from "./command.ts";

export const maxWriteBatchSize = 100_000;

// Wire version 21 is MongoDB 7.0; current drivers require 9 or more.
const wireVersions = { minWireVersion: 0, maxWireVersion: 21 };
const version = { version: "7.0.0", versionArray: [7, 0, 0, 0] };

export const hello: Command = {
  fields: [
    ...[
      "helloOk",
      "client",
      "compression",
      "topologyVersion",
      "maxAwaitTimeMS",
      "loadBalanced",
      "backpressure",
    ],
    ...["saslSupportedMechs", "speculativeAuthenticate", "hostInfo"],
  ],
  run: ({ name, connectionId }) => ({
    helloOk: true,
    [name === "hello" ? "isWritablePrimary" : "ismaster"]: true,
    maxBsonObjectSize: maxDocumentBytes,
    maxMessageSizeBytes: maxMessageBytes,
    maxWriteBatchSize,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId,
    ...wireVersions,
    readOnly: false,
  }),
};

export const ping: Command = { fields: [], run: () => ({}) };

export const buildInfo: Command = {
  fields: [],
  run: () => ({ ...version, gitVersion: "none", modules: [], bits: 64, maxBsonObjectSize: maxDocumentBytes }),
};

/** Sessions have no state, because there are no transactions. */
export const endSessions: Command = { fields: [], run: () => ({}) };
