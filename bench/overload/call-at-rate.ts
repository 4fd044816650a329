import { type ClientHttp2Session, connect } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";

/** How the calls of some seconds went. */
export interface Outcome {
  /** Calls a second. */
  readonly answered: number;
  readonly p50: number;
  readonly p99: number;
  readonly refused: number;
  readonly refusedP99: number;
  /** How many were refused, by status. */
  readonly statuses: ReadonlyMap<string, number>;
}

export interface GrpcCall {
  readonly url: string;
  readonly path: string;
  readonly body: Buffer;
}

const connections = 4;

/** Calls so many times a second, whether or not there are answers. */
export async function callAtRate(call: GrpcCall, perSecond: number, seconds: number): Promise<Outcome> {
  const sessions = Array.from({ length: connections }, () => connect(call.url));
  const answeredMs: number[] = [];
  const refusedMs: number[] = [];
  const statuses = new Map<string, number>();
  const calls: Promise<void>[] = [];
  const startMs = performance.now();
  while (calls.length < perSecond * seconds) {
    // A timer is late by a millisecond or more: all that is due by then is sent.
    const due = Math.floor(((performance.now() - startMs) * perSecond) / 1000);
    while (calls.length < due) {
      const calledMs = performance.now();
      const session = sessions[calls.length % connections] as ClientHttp2Session;
      calls.push(
        callOnce(session, call).then(status => {
          (status === "0" ? answeredMs : refusedMs).push(performance.now() - calledMs);
          if (status !== "0") {
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
          }
        }),
      );
    }
    await delay(1);
  }
  const sentSeconds = (performance.now() - startMs) / 1000;
  await Promise.all(calls);
  for (const session of sessions) {
    session.close();
  }
  const at = (values: number[], share: number) =>
    values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
  return {
    answered: answeredMs.length / sentSeconds,
    p50: at(answeredMs, 0.5),
    p99: at(answeredMs, 0.99),
    refused: refusedMs.length / sentSeconds,
    refusedP99: at(refusedMs, 0.99),
    statuses,
  };
}

/** Returns how many calls a second are answered while 24 are in flight. */
export async function carriedBy(call: GrpcCall, seconds = 3): Promise<number> {
  const session = connect(call.url);
  const endMs = performance.now() + seconds * 1000;
  let answered = 0;
  const callAgain = async () => {
    while (performance.now() < endMs) {
      const status = await callOnce(session, call);
      answered += status === "0" ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: 24 }, callAgain));
  session.close();
  return answered / seconds;
}

/** Returns the status of gRPC. */
function callOnce(session: ClientHttp2Session, { path, body }: GrpcCall): Promise<string> {
  return new Promise(resolve => {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    let status = "none";
    const note = (fields: Record<string, unknown>) => {
      status = String(fields["grpc-status"] ?? status);
    };
    stream.on("response", note).on("trailers", note).resume();
    stream.on("error", error => {
      status = error.message;
    });
    stream.on("close", () => resolve(status));
    stream.end(body);
  });
}
