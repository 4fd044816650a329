import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server that can be shut and opened again. */
export interface TcpGate {
  readonly port: number;
  /** Cuts every connection and refuses new ones. */
  shut(): void;
  open(): void;
  close(): Promise<void>;
}

/** Opens a gate in front of a server on loopback. */
export async function startTcpGate(targetPort: number): Promise<TcpGate> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer(socket => {
    if (!isOpen) {
      socket.destroy();
      return;
    }
    const target = connect(targetPort, "127.0.0.1");
    for (const [one, other] of [
      [socket, target],
      [target, socket],
    ] as const) {
      sockets.add(one);
      one
        .on("error", () => {})
        .once("close", () => {
          sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    shut() {
      isOpen = false;
      cut();
    },
    open() {
      isOpen = true;
    },
    async close() {
      cut();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
