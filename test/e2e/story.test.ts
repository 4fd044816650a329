import { silentNarrator } from "#dev/demo/narrator.ts";
import type { Protocol } from "#dev/demo/public-api.ts";
import { playStory } from "#dev/demo/story.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { requireInvariants, sharedStack, startTestStack } from "../support/stack/stack.ts";

const protocols = ["connect", "grpc-web", "grpc"] as const;

describe("the story of a sale", () => {
  describe("with all services in one process", () => {
    for (const protocol of protocols) {
      it(`is played over ${protocol}`, async function () {
        await play(this, await sharedStack(), protocol);
      });
    }
  });

  describe("with one process per service", () => {
    let stack: Stack;

    before(async () => {
      stack = await startTestStack({ processes: true });
    });
    after(async () => {
      await stack?.stop();
    });

    for (const protocol of protocols) {
      it(`is played over ${protocol}`, async function () {
        await play(this, stack, protocol);
        await requireInvariants(stack);
      });
    }
  });
});

/** Skips the test if there is no Envoy, and therefore no gateway. */
async function play(context: Mocha.Context, stack: Stack, protocol: Protocol): Promise<void> {
  const { gatewayUrl, mailUrl, pspUrl, identityUrl } = stack;
  if (gatewayUrl === undefined) {
    return context.skip();
  }
  const admin = await signUpAdmin(stack);
  await playStory({ gatewayUrl, mailUrl, pspUrl, identityUrl, protocol, admin, narrator: silentNarrator });
}
