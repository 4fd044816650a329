import { playOn, protocols } from "../support/market/play-on.ts";
import { sharedStack } from "../support/stack/stack.ts";

// With one process per service it is played after the faults of a purchase.
describe("the story of a sale, with all services in one process", () => {
  for (const protocol of protocols) {
    it(`is played over ${protocol}`, async function () {
      await playOn(this, await sharedStack(), protocol);
    });
  }
});
