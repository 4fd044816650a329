import { type PursuitParts, pursueCharge } from "./pursue-charge.ts";
import type { Claim } from "./store/charge-claims.ts";

/** Pursuits of charges in this process. They go on whether or not anybody waits for them. */
export interface Pursuits {
  /** A claim of its own for each pursuit. */
  claim(): Claim;
  /** Pursues a claimed charge. Never throws: what goes wrong is logged, and the charge is looked at again later. */
  begin(chargeId: string, claim: Claim, first: "confirm" | "find"): Promise<void>;
  /** True while so many are under way that no more should be begun for callers. */
  readonly isFull: boolean;
  /** Resolves when no pursuit is under way, at the latest after `limitMs`. */
  drain(limitMs: number): Promise<void>;
}

export interface PursuitsOptions extends PursuitParts {
  /** Names this process among the replicas. */
  readonly instance: string;
  /** Milliseconds for which a charge is claimed; longer than the gateway may take for three answers. */
  readonly claimMs: number;
  readonly maxUnderWay: number;
}

/** Makes the pursuits of one process. */
export function createPursuits(options: PursuitsOptions): Pursuits {
  const { instance, claimMs, maxUnderWay, ...parts } = options;
  const running = new Set<Promise<void>>();
  let claims = 0;
  return {
    claim() {
      claims += 1;
      return { owner: `${instance}#${claims}`, claimMs };
    },
    begin(chargeId, claim, first) {
      const pursuit = pursueCharge(parts, chargeId, claim, first)
        .catch(error => parts.log.error({ err: error, chargeId }, "charge could not be pursued"))
        .finally(() => running.delete(pursuit));
      running.add(pursuit);
      return pursuit;
    },
    get isFull() {
      return running.size >= maxUnderWay;
    },
    async drain(limitMs) {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>(resolve => {
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([Promise.all(running), limit]);
      clearTimeout(timer);
    },
  };
}
