import type { Protocol } from "../dev/demo/front-door.ts";
import { silentNarrator } from "../dev/demo/narrator.ts";
import { playStory } from "../dev/demo/story.ts";
import type { Stack } from "../dev/stack.ts";
import { signUpAdmin } from "./support/people.ts";
import { requireRightBooks, sharedStack, startTestStack } from "./support/stack.ts";

const protocols = ["connect", "grpc-web", "grpc"] as const;
const storyMs = 60_000;
const startMs = 120_000;

describe("the story of a sale", () => {
  describe("with the whole mesh in one process", () => {
    for (const protocol of protocols) {
      it(`is played over ${protocol}`, async function () {
        this.timeout(storyMs + startMs);
        await play(this, await sharedStack(), protocol);
      });
    }
  });

  describe("with one process per service", () => {
    let stack: Stack;

    before(async function () {
      this.timeout(startMs);
      stack = await startTestStack({ processes: true });
    });
    after(async function () {
      this.timeout(startMs);
      await stack?.stop();
    });

    for (const protocol of protocols) {
      it(`is played over ${protocol}`, async function () {
        this.timeout(storyMs);
        await play(this, stack, protocol);
        await requireRightBooks(stack);
      });
    }
  });
});

/** Without Envoy there is no gateway to play at. */
async function play(context: Mocha.Context, stack: Stack, protocol: Protocol): Promise<void> {
  const { gatewayUrl, mailUrl, pgUrl } = stack;
  if (gatewayUrl === undefined) {
    return context.skip();
  }
  const admin = await signUpAdmin(stack);
  await playStory({ gatewayUrl, mailUrl, pgUrl, protocol, admin, narrator: silentNarrator });
}
