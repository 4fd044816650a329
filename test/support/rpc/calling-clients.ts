import { Agent, get } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";

/** A client that calls by one connection for as long as the server does not tell it to go. */
export interface CallingClient {
  /** Resolves with the status; rejects when the call is cut. Nothing is repeated. */
  call(path: string): Promise<number>;
  /** How many connections were ended by the server with `connection: close` or GOAWAY. */
  told(): number;
  close(): void;
}

/** Where new connections lead, by how often the client was told to go. */
type LeadTo = (told: number) => number;

/** One that waits for each answer, by HTTP/1.1. */
export function createHttp1Client(leadTo: LeadTo): CallingClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let told = 0;
  return {
    call: path =>
      new Promise((resolve, reject) => {
        get({ host: "127.0.0.1", port: leadTo(told), path, agent }, response => {
          told += response.headers.connection === "close" ? 1 : 0;
          response.on("error", reject).on("end", () => resolve(response.statusCode ?? 0));
          response.resume();
        }).on("error", reject);
      }),
    told: () => told,
    close: () => agent.destroy(),
  };
}

/** One whose calls share a connection, by HTTP/2. */
export function createHttp2Client(leadTo: LeadTo): CallingClient {
  const sessions = new Set<ClientHttp2Session>();
  let current: ClientHttp2Session | undefined;
  let told = 0;
  const open = () => {
    const session = connect(`http://127.0.0.1:${leadTo(told)}`);
    sessions.add(session);
    session.on("error", () => {}).once("close", () => sessions.delete(session));
    session.once("goaway", () => {
      told += 1;
      current = undefined;
    });
    return session;
  };
  return {
    call: path =>
      new Promise((resolve, reject) => {
        current ??= open();
        const stream = current.request({ ":path": path });
        let status = 0;
        stream.on("response", headers => {
          status = headers[":status"] ?? 0;
        });
        stream.on("error", reject).on("end", () => resolve(status));
        stream.resume();
      }),
    told: () => told,
    close() {
      for (const session of sessions) {
        session.destroy();
      }
    },
  };
}
