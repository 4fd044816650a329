import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Passes TCP connections on, byte for byte. */
export async function forward(from: Address, to: Address): Promise<void> {
  const server = createServer({ noDelay: true }, incoming => {
    const outgoing = connect({ ...to, noDelay: true });
    join(incoming, outgoing);
    join(outgoing, incoming);
  });
  server.listen(from.port, from.host);
  await once(server, "listening");
}

function join(one: Socket, other: Socket): void {
  one.pipe(other);
  one.on("error", () => other.destroy());
  one.on("close", () => other.destroy());
}
