import type { Stack } from "#dev/stack/stack.ts";
import { receivesMax, visibilitySeconds } from "../../support/events/delivery.ts";
import { createMarket, type Market } from "../../support/market/market.ts";
import { playOn, protocols } from "../../support/market/play-on.ts";
import { requireInvariants, startTestStack } from "../../support/stack/stack.ts";
import { participantFaults, passingFaults } from "./purchase-participants.ts";
import { payFaults } from "./purchase-pay.ts";
import { storeFaults } from "./purchase-stores.ts";

// Attempts time out early, and the resolver retries soon.
const shortDurations = {
  PAY_WORK_MS: "1500",
  PAY_RESOLVE_POLL_MS: "100",
  PAY_RESOLVE_BASE_MS: "100",
  PAY_RESOLVE_MAX_MS: "500",
  PAY_CLAIM_MS: "1000",
  // How long a crashed sender blocks its mail, and a crashed subscriber an event.
  USER_MAIL_CLAIM_MS: "1000",
  QUEUE_VISIBILITY_SECONDS: String(visibilitySeconds),
  QUEUE_RECEIVES_MAX: String(receivesMax),
};

describe("a purchase under faults", function () {
  this.timeout(240_000);
  let stack: Stack;
  let market: Market;

  before(async () => {
    stack = await startTestStack({
      processes: true,
      env: { ...shortDurations, FAILPOINT: passingFaults.join(",") },
    });
    market = await createMarket(stack, { questionCount: 12 });
  });

  after(() => stack?.stop());

  // Nothing is held for a purchase that ended, and everything acknowledged is stored.
  afterEach(() => requireInvariants(stack));

  participantFaults(() => market);
  payFaults(() => market);
  storeFaults(() => market);

  // The same processes, some of them restarted, and the stores with what they went through.
  for (const protocol of protocols) {
    it(`leaves a mesh on which the story of a sale is played over ${protocol}`, async function () {
      await playOn(this, stack, protocol);
    });
  }
});
