import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";

/**
 * A proxy in front of a server that can do to connections what networks do. A fault lasts until `open`; what was broken
 * by it stays broken, and only new connections work.
 */
export interface TcpGate {
  readonly port: number;
  /** Closes all connections and refuses new ones. */
  shut(): void;
  open(): void;
  /** Passes nothing more through the connections that are open; new ones work, unless `all`. */
  mute(all?: boolean): void;
  /** Resets all connections; new ones work. */
  reset(): void;
  /** Delays what passes, in both directions. */
  slow(delayMs: number): void;
  /** The server loses its connections, and their clients do not notice; new ones are accepted and lead nowhere. */
  halfOpen(): void;
  /** Requests arrive; their replies are lost, and so are the connections in the end. */
  loseReplies(): void;
  close(): Promise<void>;
}

type Fault = "shut" | "mute" | "half-open" | "replies lost";

interface Connection {
  readonly client: Socket;
  readonly target: Socket;
  /** True if what arrives from one side is dropped. */
  dropsRequests: boolean;
  dropsReplies: boolean;
}

interface State {
  fault: Fault | undefined;
  delayMs: number;
  readonly connections: Set<Connection>;
}

/** Starts a proxy in front of a server on loopback. */
export async function startTcpGate(targetPort: number): Promise<TcpGate> {
  const state: State = { fault: undefined, delayMs: 0, connections: new Set() };
  const server = createServer(client => accept(state, client, targetPort));
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, ...controls(state, server) };
}

function controls(state: State, server: Server): Omit<TcpGate, "port"> {
  const each = (work: (connection: Connection) => void) => [...state.connections].forEach(work);
  const cut = ({ client, target }: Connection) => {
    client.destroy();
    target.destroy();
  };
  return {
    shut() {
      state.fault = "shut";
      each(cut);
    },
    open() {
      if (state.fault === "replies lost") {
        each(connection => connection.dropsReplies && cut(connection));
      }
      state.fault = undefined;
      state.delayMs = 0;
    },
    mute(all = false) {
      state.fault = all ? "mute" : undefined;
      each(silence);
    },
    reset() {
      each(({ client, target }) => {
        client.resetAndDestroy();
        target.destroy();
      });
    },
    slow(delayMs) {
      state.delayMs = delayMs;
    },
    halfOpen() {
      state.fault = "half-open";
      each(abandon);
    },
    loseReplies() {
      state.fault = "replies lost";
      each(connection => {
        connection.dropsReplies = true;
      });
    },
    async close() {
      each(cut);
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function accept(state: State, client: Socket, targetPort: number): void {
  if (state.fault === "shut") {
    client.destroy();
    return;
  }
  const target = connect(targetPort, "127.0.0.1");
  const connection = { client, target, dropsRequests: false, dropsReplies: state.fault === "replies lost" };
  state.connections.add(connection);
  client.once("close", () => {
    state.connections.delete(connection);
    target.destroy();
  });
  target.once("close", () => client.destroy());
  client
    .on("error", () => {})
    .pipe(relay(state, () => connection.dropsRequests))
    .pipe(target);
  target
    .on("error", () => {})
    .pipe(relay(state, () => connection.dropsReplies))
    .pipe(client);
  if (state.fault === "mute") {
    silence(connection);
  }
  if (state.fault === "half-open") {
    abandon(connection);
  }
}

function silence(connection: Connection): void {
  connection.dropsRequests = true;
  connection.dropsReplies = true;
}

function abandon(connection: Connection): void {
  silence(connection);
  connection.target.removeAllListeners("close").destroy();
}

/** Passes on what it gets, late if the connection is slow, or drops it. */
function relay(state: State, drops: () => boolean): Transform {
  return new Transform({
    transform(chunk, _encoding, done) {
      const pass = () => (drops() ? done() : done(null, chunk));
      if (state.delayMs > 0) {
        setTimeout(pass, state.delayMs);
      } else {
        pass();
      }
    },
  });
}
