import { readConfig } from "#kit/process/config.ts";
import {
  type ChargeFacts,
  readCapturedPoints,
  readCharges,
  readDiscrepancyIds,
} from "#services/point/invariants.ts";
import { pspConfig } from "#services/point/psp/psps.ts";
import type { Join } from "./join.ts";

const dayMs = 86_400_000;

/** Credited points equal what the PSPs captured, apart from recorded discrepancies. */
export const chargeJoin: Join = {
  name: "I5 charges and the PSP",
  services: ["point"],
  config: pspConfig,
  async *check({ databases, env }, { pspDays }) {
    const point = databases.of("point");
    const captured = await readCapturedPoints(readConfig(env, pspConfig), pspDays);
    const recorded = await readDiscrepancyIds(point);
    const sinceMs = Date.now() - (pspDays - 1) * dayMs;
    for await (const page of readCharges(point)) {
      for (const charge of page) {
        const { chargeId, createTime } = charge;
        const theirs = captured.get(chargeId) ?? 0n;
        captured.delete(chargeId);
        if (createTime.getTime() > sinceMs && !recorded.has(chargeId)) {
          yield* compare(charge, theirs);
        }
      }
    }
    for (const [id, amount] of captured) {
      if (amount !== 0n && !recorded.has(id)) {
        yield `the PSP has ${amount} for ${id}, which is no charge`;
      }
    }
  },
};

function* compare({ chargeId, state, amountPoints }: ChargeFacts, theirs: bigint): Iterable<string> {
  const ours = state === "CHARGED" ? amountPoints : 0n;
  if (theirs !== ours && state !== "CONFIRMING") {
    yield `charge ${chargeId} is ${state} with ${ours} points, the PSP has ${theirs}`;
  }
}
