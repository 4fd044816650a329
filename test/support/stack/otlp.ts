import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";

/** An exported span; ids are hexadecimal. */
export interface Span {
  readonly service: string;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer" | "unspecified";
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root span of a trace. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly isError: boolean;
  /** The ids of the spans that it links to. */
  readonly linkedSpanIds: readonly string[];
}

/** A trace collector on loopback. */
export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT: OTLP over HTTP. */
  readonly httpUrl: string;
  /** host:port for Envoy: OTLP over gRPC. */
  readonly grpcAddress: string;
  spansOf(traceId: string): Span[];
  /** Everything that was exported. */
  readonly spans: readonly Span[];
  stop(): Promise<void>;
}

/** Starts a collector that stores spans in memory. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: Span[] = [];
  const http = createServer(async (request, response) => {
    if (request.url === "/v1/traces") {
      spans.push(...readExport(await bodyOf(request)));
    }
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });
  await new Promise<void>(resolve => http.listen(0, "127.0.0.1", resolve));
  const grpc = createGrpcServer(bytes => spans.push(...readExport(bytes)));
  const grpcPort = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
  return {
    httpUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    grpcAddress: `127.0.0.1:${grpcPort}`,
    spans,
    spansOf: traceId => spans.filter(span => span.traceId === traceId),
    async stop() {
      grpc.forceShutdown();
      http.closeAllConnections();
      await new Promise(resolve => http.close(resolve));
    },
  };
}

function createGrpcServer(take: (bytes: Uint8Array) => void): Server {
  const server = new Server();
  const asIs = (bytes: Buffer) => bytes;
  server.addService(
    {
      Export: {
        path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    },
    {
      Export(call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) {
        take(call.request);
        answer(null, Buffer.alloc(0));
      },
    },
  );
  return server;
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// The fields of opentelemetry.proto.collector.trace.v1 that tests read, by number.

const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;

function readExport(bytes: Uint8Array): Span[] {
  return fieldsOf(bytes)
    .filter(({ number }) => number === 1)
    .flatMap(({ value }) => readResourceSpans(value as Uint8Array));
}

function readResourceSpans(bytes: Uint8Array): Span[] {
  const fields = fieldsOf(bytes);
  const [resource] = messages(fields, 1);
  const service = String(readAttributes(fieldsOf(resource), 1)["service.name"] ?? "");
  return messages(fields, 2)
    .flatMap(scope => messages(fieldsOf(scope), 2))
    .map(span => readSpan(service, fieldsOf(span)));
}

function readSpan(service: string, fields: Field[]): Span {
  return {
    service,
    name: textOf(fields, 5),
    kind: kinds[numberOf(fields, 6)] ?? "unspecified",
    traceId: hexOf(fields, 1),
    spanId: hexOf(fields, 2),
    parentSpanId: hexOf(fields, 4),
    attributes: readAttributes(fields, 9),
    isError: messages(fields, 15).some(status => numberOf(fieldsOf(status), 3) === 2),
    linkedSpanIds: messages(fields, 13).map(link => hexOf(fieldsOf(link), 2)),
  };
}

function readAttributes(fields: Field[], number: number): Record<string, string | number> {
  return Object.fromEntries(
    messages(fields, number)
      .map(fieldsOf)
      .map(attribute => {
        const value = fieldsOf(messages(attribute, 2)[0]);
        const isText = value.some(field => field.number === 1);
        return [textOf(attribute, 1), isText ? textOf(value, 1) : numberOf(value, 3)];
      }),
  );
}

interface Field {
  readonly number: number;
  readonly value: Uint8Array | number;
}

function fieldsOf(bytes: Uint8Array = new Uint8Array()): Field[] {
  const reader = new BinaryReader(bytes);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (wireType === 2) {
      fields.push({ number, value: reader.bytes() });
    } else if (wireType === 0) {
      fields.push({ number, value: Number(reader.uint64()) });
    } else {
      reader.skip(wireType, number);
    }
  }
  return fields;
}

function messages(fields: Field[], wanted: number): Uint8Array[] {
  return fields.flatMap(({ number, value }) =>
    number === wanted && value instanceof Uint8Array ? [value] : [],
  );
}

function textOf(fields: Field[], number: number): string {
  return Buffer.from(messages(fields, number)[0] ?? []).toString();
}

function hexOf(fields: Field[], number: number): string {
  return Buffer.from(messages(fields, number)[0] ?? []).toString("hex");
}

function numberOf(fields: Field[], wanted: number): number {
  return Number(fields.find(({ number }) => number === wanted)?.value ?? 0);
}
