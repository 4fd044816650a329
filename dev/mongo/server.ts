import { createServer, type Socket } from "node:net";
import { dispatch } from "./commands/dispatch.ts";
import { createCursors } from "./cursors.ts";
import { splitFrames } from "./frames.ts";
import { openStore } from "./store.ts";
import { encodeReply, type Message, messageLimits, parseMessage, type Reply } from "./wire.ts";

export type MongoOptions = {
  /** 0 or none takes any free port. */
  port?: number;
  host?: "127.0.0.1";
  /** Where the log is kept; without it the data is gone with the server. */
  dataDir: string | undefined;
};

export type MongoServer = { uri: string; port: number; stop(): Promise<void> };

const maxConnections = 1000;

/**
 * Starts a server of MongoDB's wire protocol for one service's collections. Every write is on disk before it
 * is answered; what the server does not implement it refuses.
 * @throws Error when the port or the data directory is taken or the log is damaged.
 */
export async function startMongo({
  port = 0,
  host = "127.0.0.1",
  dataDir,
}: MongoOptions): Promise<MongoServer> {
  const store = await openStore(dataDir);
  const cursors = createCursors();
  const sockets = new Set<Socket>();
  const conversations = new Set<Promise<void>>();
  let connectionId = 0;

  const server = createServer({ noDelay: true }, socket => {
    const id = ++connectionId;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    const conversation = converse(socket, message =>
      dispatch({ body: message.command, connectionId: id, store, cursors }),
    );
    conversations.add(conversation);
    conversation.finally(() => conversations.delete(conversation));
  });
  server.maxConnections = maxConnections;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    await store.close();
    throw error;
  }
  const address = server.address();
  const boundPort = typeof address === "object" && address !== null ? address.port : port;
  return {
    uri: `mongodb://${host}:${boundPort}`,
    port: boundPort,
    stop: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...conversations]);
      await store.close();
    },
  };
}

/** Answers a client's messages in their order until it leaves. */
async function converse(socket: Socket, answer: (message: Message) => Promise<Reply>): Promise<void> {
  try {
    for await (const frame of splitFrames(socket, messageLimits)) {
      const message = parseMessage(frame);
      const reply = await answer(message);
      if (socket.destroyed) return;
      if (!message.silent && !socket.write(encodeReply(message, reply))) await drained(socket);
    }
  } catch {
    // A client that breaks off or talks another protocol is told nothing but the end of the connection.
  } finally {
    socket.destroy();
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    socket.once("drain", resolve);
    socket.once("close", () => resolve());
  });
}
