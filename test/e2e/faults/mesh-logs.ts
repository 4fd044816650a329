import { readFileSync } from "node:fs";
import { expect } from "chai";
import { putFile } from "#dev/demo/upload.ts";
import { createPspSim } from "#dev/sim/psp/sim-client.ts";
import { ChargePackage } from "#gen/questioncloud/point/v1/point_pb.ts";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { type Given, isLong } from "../../support/faults/given.ts";
import { createShoppers } from "../../support/faults/shoppers.ts";
import { pdfFile, present } from "../../support/market/questions.ts";

const calls = isLong ? 5000 : 400;
const callsAtOnce = 80;
// Twenty lines of a kind in ten seconds, and few kinds; one line a call would be 200 of each replica.
const mostLines = isLong ? 1000 : 80;

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
      const before = replicas.map(linesOf);
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
      const written = replicas.map((replica, index) => linesOf(replica) - (before[index] ?? 0));
      expect(Math.max(...written)).to.be.below(mostLines);
    });
  }
}

function linesOf({ process }: { process: { logFile: string } }): number {
  return readFileSync(process.logFile, "utf8").split("\n").length;
}
