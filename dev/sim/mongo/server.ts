import { createServer, type Socket } from "node:net";
import { openCollections } from "./collections.ts";
import { dispatch } from "./commands/dispatch.ts";
import { createCursors } from "./cursors.ts";
import { splitFrames } from "./frames.ts";
import { encodeReply, type Message, messageLimits, parseMessage, type Reply } from "./wire.ts";

type MongoOptions = {
  /** 0, the default, takes a free port. */
  port?: number;
  host?: "127.0.0.1";
  /** Folder of the log; without it the data is in memory only. */
  dataDir: string | undefined;
};

type MongoServer = { uri: string; port: number; stop(): Promise<void> };

const maxConnections = 1000;

/**
 * Starts a server for MongoDB's wire protocol. Every write is on disk before it is answered; what the server does not
 * implement it refuses. Throws if the port or the data directory is in use or the log is corrupt.
 */
export async function startMongo({
  port = 0,
  host = "127.0.0.1",
  dataDir,
}: MongoOptions): Promise<MongoServer> {
  const collections = await openCollections(dataDir);
  const cursors = createCursors();
  const sockets = new Set<Socket>();
  const connections = new Set<Promise<void>>();
  let connectionId = 0;

  const server = createServer({ noDelay: true }, socket => {
    const id = ++connectionId;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    const connection = serve(socket, message =>
      dispatch({ body: message.command, connectionId: id, collections, cursors }),
    );
    connections.add(connection);
    connection.finally(() => connections.delete(connection));
  });
  server.maxConnections = maxConnections;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    await collections.close();
    throw error;
  }
  const address = server.address();
  const boundPort = typeof address === "object" && address !== null ? address.port : port;
  return {
    uri: `mongodb://${host}:${boundPort}`,
    port: boundPort,
    stop: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      for (const socket of sockets) {
        socket.destroy();
      }
      await Promise.all([closed, ...connections]);
      await collections.close();
    },
  };
}

/** Answers the messages of a client in order until it disconnects. */
async function serve(socket: Socket, answer: (message: Message) => Promise<Reply>): Promise<void> {
  try {
    for await (const frame of splitFrames(socket, messageLimits)) {
      const message = parseMessage(frame);
      const reply = await answer(message);
      if (socket.destroyed) {
        return;
      }
      if (!message.silent && !socket.write(encodeReply(message, reply))) {
        await drained(socket);
      }
    }
  } catch {
    // The client has disconnected or uses another protocol; either way the connection just ends.
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
