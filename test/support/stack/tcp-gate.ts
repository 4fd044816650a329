import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy in front of a server that can cut it off, or fall silent. */
export interface TcpGate {
  readonly port: number;
  /** Closes all connections and refuses new ones until `open`. */
  shut(): void;
  open(): void;
  /** Passes nothing more through the connections that are open; new ones work, unless `all`. */
  mute(all?: boolean): void;
  close(): Promise<void>;
}

/** Starts a proxy in front of a server on loopback. */
export async function startTcpGate(targetPort: number): Promise<TcpGate> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  let isMute = false;
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
      if (isMute) {
        one.resume();
      } else {
        one.pipe(other);
      }
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
      isMute = false;
    },
    mute(all = false) {
      isMute = all;
      for (const socket of sockets) {
        socket.unpipe().resume();
      }
    },
    async close() {
      cut();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
