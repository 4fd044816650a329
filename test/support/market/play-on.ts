import { silentNarrator } from "#dev/demo/narrator.ts";
import type { Protocol } from "#dev/demo/public-api.ts";
import { playStory } from "#dev/demo/story.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { signUpAdmin } from "./people.ts";

export const protocols = ["connect", "grpc-web", "grpc"] as const;

/** Plays the story of a sale; skips the test if there is no Envoy, and therefore no gateway. */
export async function playOn(context: Mocha.Context, stack: Stack, protocol: Protocol): Promise<void> {
  const { gatewayUrl, mailUrl, pspUrl, identityUrl } = stack;
  if (gatewayUrl === undefined) {
    return context.skip();
  }
  const admin = await signUpAdmin(stack);
  await playStory({ gatewayUrl, mailUrl, pspUrl, identityUrl, protocol, admin, narrator: silentNarrator });
}
