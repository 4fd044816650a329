import { type Document, decode, encode } from "./document.ts";
import { MongoFailure } from "./failure.ts";

/** A command from a client. */
export type Message = {
  readonly requestId: number;
  readonly command: Document;
  /** The client expects no answer (write concern 0). */
  readonly silent: boolean;
  /** Sent as OP_QUERY, which drivers use only for their first hello. */
  readonly legacy: boolean;
};

/** An answer: a document, or a batch of stored documents whose bytes are sent as they are. */
export type Reply = Document | BatchReply;

export class BatchReply {
  readonly field: "firstBatch" | "nextBatch";
  readonly namespace: string;
  readonly cursorId: bigint;
  readonly batch: readonly Buffer[];

  constructor(
    field: "firstBatch" | "nextBatch",
    namespace: string,
    cursorId: bigint,
    batch: readonly Buffer[],
  ) {
    this.field = field;
    this.namespace = namespace;
    this.cursorId = cursorId;
    this.batch = batch;
  }
}

export const maxMessageBytes = 48_000_000;
export const messageLimits = { minBytes: 21, maxBytes: maxMessageBytes };

const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;
const headerBytes = 16;
const checksumPresent = 1;
const moreToCome = 2;
const requiredFlags = 0xffff;

/** Throws MongoFailure for opcodes, flags and sections that are not implemented. */
export function parseMessage(frame: Buffer): Message {
  const requestId = frame.readInt32LE(4);
  const opcode = frame.readInt32LE(12);
  if (opcode === opMsg) {
    return { requestId, legacy: false, ...parseOpMsg(frame) };
  }
  if (opcode === opQuery) {
    return { requestId, legacy: true, silent: false, command: parseOpQuery(frame) };
  }
  throw new MongoFailure("CommandNotSupported", `Opcode ${opcode} is not implemented`);
}

function parseOpMsg(frame: Buffer): { command: Document; silent: boolean } {
  const flags = frame.readUInt32LE(headerBytes);
  if ((flags & requiredFlags & ~(checksumPresent | moreToCome)) !== 0) {
    throw new MongoFailure("CommandNotSupported", `Message flags ${flags} are not implemented`);
  }
  const end = frame.length - (flags & checksumPresent ? 4 : 0);
  let command: Document | undefined;
  const sequences: Document = {};
  for (let at = headerBytes + 4; at < end; ) {
    const kind = frame[at];
    const size = frame.readInt32LE(at + 1);
    const section = frame.subarray(at + 1, at + 1 + size);
    if (section.length !== size) {
      throw new MongoFailure("FailedToParse", "A message section is truncated");
    }
    if (kind === 0) {
      command = decode(section);
    } else if (kind === 1) {
      Object.assign(sequences, parseSequence(section));
    } else {
      throw new MongoFailure("FailedToParse", `Section kind ${kind} is unknown`);
    }
    at += 1 + size;
  }
  if (command === undefined) {
    throw new MongoFailure("FailedToParse", "The message has no body");
  }
  return { command: { ...command, ...sequences }, silent: (flags & moreToCome) !== 0 };
}

function parseSequence(section: Buffer): Document {
  const nameEnd = section.indexOf(0, 4);
  const documents: Document[] = [];
  for (let at = nameEnd + 1; at < section.length; ) {
    const size = section.readInt32LE(at);
    if (size < 5) {
      throw new MongoFailure("FailedToParse", "A document of the message is truncated");
    }
    documents.push(decode(section.subarray(at, at + size)));
    at += size;
  }
  return { [section.toString("utf8", 4, nameEnd)]: documents };
}

function parseOpQuery(frame: Buffer): Document {
  const nameStart = headerBytes + 4;
  const nameEnd = frame.indexOf(0, nameStart);
  const queryStart = nameEnd + 1 + 8;
  const size = frame.readInt32LE(queryStart);
  const [database] = frame.toString("utf8", nameStart, nameEnd).split(".");
  return { ...decode(frame.subarray(queryStart, queryStart + size)), $db: database };
}

export function encodeReply({ requestId, legacy }: Message, reply: Reply): Buffer {
  const body = reply instanceof BatchReply ? encodeBatch(reply) : encode(reply);
  return legacy ? encodeOpReply(requestId, body) : encodeOpMsg(requestId, body);
}

function encodeOpMsg(requestId: number, body: Buffer): Buffer {
  const prefix = header(opMsg, requestId, 5, body.length);
  return Buffer.concat([prefix, body]);
}

function encodeOpReply(requestId: number, body: Buffer): Buffer {
  const prefix = header(opReply, requestId, 20, body.length);
  prefix.writeInt32LE(1, headerBytes + 16);
  return Buffer.concat([prefix, body]);
}

function header(opcode: number, responseTo: number, extraBytes: number, bodyBytes: number): Buffer {
  const prefix = Buffer.alloc(headerBytes + extraBytes);
  prefix.writeInt32LE(prefix.length + bodyBytes, 0);
  prefix.writeInt32LE(responseTo, 8);
  prefix.writeInt32LE(opcode, 12);
  return prefix;
}

const documentType = 3;
const arrayType = 4;
const emptyDocument = encode({});

function encodeBatch({ field, namespace, cursorId, batch }: BatchReply): Buffer {
  const array = withElements(
    emptyDocument,
    batch.map((raw, index) => [documentType, String(index), raw]),
  );
  const cursor = withElements(encode({ id: cursorId, ns: namespace }), [[arrayType, field, array]]);
  return withElements(encode({ ok: 1 }), [[documentType, "cursor", cursor]]);
}

/** Appends elements that are already BSON to a BSON document. */
function withElements(
  document: Buffer,
  elements: (readonly [type: number, name: string, value: Buffer])[],
): Buffer {
  const parts = [document.subarray(0, -1)];
  for (const [type, name, value] of elements) {
    parts.push(Buffer.from(`${String.fromCharCode(type)}${name}\0`), value);
  }
  parts.push(Buffer.alloc(1));
  const result = Buffer.concat(parts);
  result.writeInt32LE(result.length, 0);
  return result;
}
