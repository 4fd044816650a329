import { expect } from "chai";
import { putFile } from "#dev/demo/upload.ts";
import { createPspSim } from "#dev/sim/psp/sim-client.ts";
import { ChargePackage } from "#gen/questioncloud/point/v1/point_pb.ts";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { type Given, isLong } from "../../support/faults/given.ts";
import { createShoppers } from "../../support/faults/shoppers.ts";
import { pdfFile, present } from "../../support/market/questions.ts";
import { completeLines } from "../../support/stack/complete-lines.ts";

const calls = isLong ? 5000 : 400;
const callsAtOnce = 80;
// Twenty lines of a kind in ten seconds, and one that counts the others; one line a call would be 200 of each replica.
const [linesPerWindow, windowMs] = [21, 10_000];
const mostKinds = 30;

/** A store that is unavailable, and calls that need it. */
interface Outage {
  readonly of: string;
  readonly store: string;
  readonly service: string;
  /** Prepares calls, of which the n-th is made by what it returns. */
  readonly prepare: (given: ReturnType<Given>) => Promise<(index: number) => Promise<unknown>>;
}

const readWallet: Outage["prepare"] = async ({ mesh }) => {
  const [shopper] = await createShoppers(mesh.stack, 1);
  return () => present(shopper).points.getWallet({});
};

const outages: readonly Outage[] = [
  { of: "MariaDB", store: "mariadb", service: "point", prepare: readWallet },
  { of: "Redis", store: "redis", service: "point", prepare: readWallet },
  {
    of: "MongoDB",
    store: "mongo",
    service: "pay",
    async prepare({ mesh }) {
      const [shopper] = await createShoppers(mesh.stack, 1);
      return () => present(shopper).pay.listPurchases({});
    },
  },
  {
    of: "the PSP",
    store: "psp",
    service: "point",
    async prepare({ mesh }) {
      const sim = createPspSim(mesh.stack.pspUrl);
      const paid = await Promise.all(
        (await createShoppers(mesh.stack, callsAtOnce)).map(async ({ points }) => {
          const answer = await points.createCharge({
            requestId: crypto.randomUUID(),
            package: ChargePackage.A,
          });
          const { chargeId, amountPoints } = present(answer.charge);
          const paymentKey = await sim.authorize(chargeId, Number(amountPoints));
          return { points, request: { chargeId, amountPoints, paymentKey } };
        }),
      );
      return async index => {
        const { points, request } = present(paid[index % paid.length]);
        await points.confirmCharge(request);
      };
    },
  },
  {
    of: "SNS, SQS and S3",
    store: "aws",
    service: "question",
    async prepare({ market }) {
      const { authoring } = market.creator;
      const [questionId = 0n] = market.questionIds;
      const { kind, contentType, bytes } = pdfFile(FileKind.QUESTION);
      const file = { kind, contentType, sizeBytes: BigInt(bytes.length) };
      const uploadId = await putFile((await authoring.createUpload({ questionId, file })).upload, bytes);
      return () => authoring.acceptUpload({ questionId, uploadId });
    },
  },
];

/** What services write while something that they need is unavailable, under load. */
export function outageLogs(given: Given): void {
  for (const { of, store, service, prepare } of outages) {
    it(`writes a bounded log while ${of} is unavailable under load`, async () => {
      const { mesh } = given();
      const call = await prepare(given());
      const replicas = [mesh.replica(service, 1), mesh.replica(service, 2)];
      const before = replicas.map(replica => linesOf(replica).length);
      for (const { gate } of replicas.flatMap(({ id }) => mesh.links.between(id, store))) {
        gate.shut();
      }
      const waiting = Array.from({ length: calls }, (_, index) => index).values();
      const lane = async () => {
        for (const index of waiting) {
          await call(index).catch(() => {});
        }
      };
      await Promise.all(Array.from({ length: callsAtOnce }, lane));
      for (const [index, replica] of replicas.entries()) {
        requireBounded(linesOf(replica).slice(before[index]));
      }
    });
  }
}

function requireBounded(lines: readonly string[]): void {
  const kinds = Map.groupBy(
    lines.filter(line => line.startsWith("{")).map(line => JSON.parse(line)),
    ({ msg, method, job, queue, store, reason }) => [msg, method, job, queue, store, reason].join(" "),
  );
  expect([...kinds.keys()]).to.have.length.below(mostKinds);
  for (const [kind, [first, ...more]] of kinds) {
    const spanMs = Date.parse(more.at(-1)?.time ?? first.time) - Date.parse(first.time);
    // The first of them may be the last of a window.
    const windows = Math.floor(spanMs / windowMs) + 2;
    expect(1 + more.length, kind).to.be.at.most(linesPerWindow * windows);
  }
}

function linesOf({ process }: { process: { logFile: string } }): string[] {
  return completeLines(process.logFile);
}
