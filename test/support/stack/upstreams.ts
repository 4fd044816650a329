import { createServer, type IncomingHttpHeaders } from "node:http";
import { createServer as createHttp2Server, type IncomingHttpHeaders as Http2Headers } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { ServiceAddresses } from "#gateway/envoy/options.ts";

/** Listeners in the place of a service, to see what the gateway sends and what it does without an answer. */
export interface Upstream {
  readonly addresses: ServiceAddresses;
  stop(): Promise<void>;
}

/** An upstream that records the headers of requests, the newest last. */
export interface Recorder extends Upstream {
  readonly seen: SeenHeaders[];
}

type SeenHeaders = IncomingHttpHeaders | Http2Headers;

/** Starts an upstream that answers every call with an empty message and records its headers. */
export async function startRecorder(): Promise<Recorder> {
  const seen: SeenHeaders[] = [];
  const http = createServer((request, response) => {
    seen.push(request.headers);
    request.resume().on("end", () => {
      const type = request.headers["content-type"] ?? "application/json";
      response.writeHead(200, { "content-type": type }).end(emptyAnswer(type));
    });
  });
  const grpc = createHttp2Server();
  grpc.on("stream", (stream, headers) => {
    seen.push(headers);
    stream.on("error", () => {});
    stream.resume().on("end", () => {
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.end(Buffer.alloc(5));
    });
  });
  const started = await listen({ http, grpc });
  return { ...started, seen };
}

/** Starts an upstream that accepts connections and never answers. */
export function startSilentUpstream(): Promise<Upstream> {
  return listen({
    http: createTcpServer(socket => socket.resume()),
    grpc: createTcpServer(socket => socket.resume()),
  });
}

/** Addresses at which nothing listens. */
export async function findUnusedAddresses(): Promise<ServiceAddresses> {
  const upstream = await startSilentUpstream();
  await upstream.stop();
  return upstream.addresses;
}

function emptyAnswer(contentType: string): Buffer | string {
  if (contentType.startsWith("application/grpc-web")) {
    const trailers = Buffer.from("grpc-status: 0\r\n");
    const frames = [Buffer.alloc(5), Buffer.from([0x80, 0, 0, 0, trailers.length]), trailers];
    const text = frames.map(frame => frame.toString("base64")).join("");
    return contentType.includes("-text") ? text : Buffer.concat(frames);
  }
  return contentType.includes("json") ? "{}" : "";
}

async function listen({ http, grpc }: { http: Server; grpc: Server }): Promise<Upstream> {
  const sockets = new Set<Socket>();
  const open = async (server: Server) => {
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    return [{ host: "127.0.0.1", port: (server.address() as AddressInfo).port }];
  };
  const addresses = { http: await open(http), grpc: await open(grpc) };
  return {
    addresses,
    async stop() {
      for (const socket of sockets) {
        socket.destroy();
      }
      await Promise.all([http, grpc].map(server => new Promise(resolve => server.close(resolve))));
    },
  };
}
