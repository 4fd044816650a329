import { readConfig } from "#kit/process/read-config.ts";
import { readCapturedPoints, readCharges, readDifferences } from "#services/point/invariants.ts";
import { pspConfig } from "#services/point/psp/psps.ts";
import type { Join } from "./join.ts";

const dayMs = 86_400_000;

/**
 * Credited points equal what the PSPs captured. A difference is excused while it is an open discrepancy, and after
 * that as long as it is the one that was resolved.
 */
export const chargeJoin: Join = {
  name: "I5 charges and the PSP",
  services: ["point"],
  config: pspConfig,
  async *check({ databases, env }, { pspDays }) {
    const point = databases.of("point");
    const captured = await readCapturedPoints(readConfig(env, pspConfig), pspDays);
    const recorded = await readDifferences(point);
    const isExcused = (chargeId: string, ours: bigint, theirs: bigint) =>
      recorded
        .get(chargeId)
        ?.some(
          known => known.isOpen || (known.ourAmountPoints === ours && known.pspAmountPoints === theirs),
        ) ?? false;
    const sinceMs = Date.now() - (pspDays - 1) * dayMs;
    for await (const page of readCharges(point)) {
      for (const charge of page) {
        const { chargeId, state, amountPoints, createTime } = charge;
        const ours = state === "CHARGED" ? amountPoints : 0n;
        const theirs = captured.get(chargeId) ?? 0n;
        captured.delete(chargeId);
        const isDue = createTime.getTime() > sinceMs && state !== "CONFIRMING";
        if (isDue && theirs !== ours && !isExcused(chargeId, ours, theirs)) {
          yield `charge ${chargeId} is ${state} with ${ours} points, the PSP has ${theirs}`;
        }
      }
    }
    for (const [id, amount] of captured) {
      if (amount !== 0n && !isExcused(id, 0n, amount)) {
        yield `the PSP has ${amount} for ${id}, which is no charge`;
      }
    }
  },
};
