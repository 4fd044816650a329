import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy in front of MariaDB that can lose the answer to a COMMIT. */
export interface CommitGate {
  readonly port: number;
  /**
   * Breaks the connection of the next transaction that contains this text when it is committed, before the answer
   * arrives.
   */
  loseAnswerTo(statement: string): void;
  /** The number of lost answers. */
  lost(): number;
  close(): Promise<void>;
}

/** Starts a proxy in front of a MariaDB on loopback. */
export async function startCommitGate(targetPort: number): Promise<CommitGate> {
  const sockets = new Set<Socket>();
  let wanted: string | undefined;
  let lost = 0;
  const server = createServer(client => {
    const target = connect(targetPort, "127.0.0.1");
    let marked = false;
    let losing = false;
    const cut = () => {
      client.destroy();
      target.destroy();
    };
    client.on("data", chunk => {
      const text = chunk.toString("latin1");
      if (wanted !== undefined && text.includes(wanted)) {
        marked = true;
        wanted = undefined;
      }
      losing ||= marked && text.includes("COMMIT");
      target.write(chunk);
    });
    target.on("data", chunk => {
      if (losing) {
        lost += 1;
        cut();
      } else {
        client.write(chunk);
      }
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("error", () => {}).once("close", () => sockets.delete(socket) && cut());
    }
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    loseAnswerTo(statement) {
      wanted = statement;
    },
    lost: () => lost,
    async close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise(resolve => server.close(resolve));
    },
  };
}
