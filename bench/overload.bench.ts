import { connect } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";
import { toBinary } from "@bufbuild/protobuf";
import { method, path, request } from "./calls/method.ts";
import { type ServedCalls, startServer } from "./calls/processes.ts";
import { median } from "./compare.ts";
import { printRow } from "./report.ts";

// A service that can carry 1,000 calls a second, because its pool of ten is busy 10 ms for each, is called at nine
// tenths of that and at twice as often, open loop: with a limit of calls in flight, and without.
const [seconds = "4", rounds = "3"] = process.argv.slice(3);
const carried = 1000;
const mostInFlight = 15;
const message = toBinary(method.input, request);
const body = Buffer.concat([Buffer.from([0, 0, 0, 0, message.byteLength]), message]);

interface Outcome {
  readonly p99: number;
  readonly accepted: number;
  readonly refused: number;
  readonly refusedP99: number;
}

/** Calls so many times a second, whether or not there are answers. */
async function callAtRate({ grpcUrl, headers }: ServedCalls, perSecond: number): Promise<Outcome> {
  const session = connect(grpcUrl);
  const takenMs: Record<"accepted" | "refused", number[]> = { accepted: [], refused: [] };
  const calls: Promise<void>[] = [];
  const startMs = performance.now();
  while (calls.length < perSecond * Number(seconds)) {
    // A timer is late by a millisecond or more: all that is due by then is sent.
    const due = Math.floor(((performance.now() - startMs) * perSecond) / 1000);
    while (calls.length < due) {
      calls.push(callOnce());
    }
    await delay(1);
  }
  const sentSeconds = (performance.now() - startMs) / 1000;
  await Promise.all(calls);
  session.close();
  const p99 = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
  return {
    p99: p99(takenMs.accepted),
    accepted: takenMs.accepted.length / sentSeconds,
    refused: takenMs.refused.length / sentSeconds,
    refusedP99: p99(takenMs.refused),
  };

  function callOnce(): Promise<void> {
    return new Promise((resolve, reject) => {
      const calledMs = performance.now();
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      let status: unknown;
      const note = (fields: Record<string, unknown>) => {
        status ??= fields["grpc-status"];
      };
      stream.on("response", note).on("trailers", note).on("error", reject).resume();
      stream.on("close", () => {
        takenMs[status === "0" ? "accepted" : "refused"].push(performance.now() - calledMs);
        resolve();
      });
      stream.end(body);
    });
  }
}

const limited = await startServer(["pool", "1", "", String(mostInFlight)], {});
const unlimited = await startServer(["pool", "1", "", "100000"], {});
try {
  printRow(["", "", "accepted/s", "p99 ms", "refused/s", "p99 ms", "ratio"]);
  const outcomes = new Map<string, Outcome[]>();
  for (let round = 0; round < Number(rounds); round++) {
    for (const [name, server, perSecond] of [
      ["at 0.9 of what it carries", limited, carried * 0.9],
      ["twice that, with a limit", limited, carried * 2],
      ["twice that, without", unlimited, carried * 2],
    ] as const) {
      outcomes.set(name, [...(outcomes.get(name) ?? []), await callAtRate(server, perSecond)]);
      await delay(500);
    }
  }
  const [baseline = []] = outcomes.values();
  for (const [name, measured] of outcomes) {
    const of = (key: keyof Outcome) => median(measured.map(outcome => outcome[key])).toFixed(0);
    const ratios = measured.map(({ p99 }, round) => p99 / (baseline[round]?.p99 ?? p99));
    printRow([
      name,
      "",
      of("accepted"),
      of("p99"),
      of("refused"),
      of("refusedP99"),
      median(ratios).toFixed(2),
    ]);
  }
} finally {
  await Promise.all([limited.stop(), unlimited.stop()]);
}
