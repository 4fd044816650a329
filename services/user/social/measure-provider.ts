import { Failure, reasonName } from "#kit/contract/failure.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import type { SocialProviderName } from "../domain/social.ts";
import type { SocialProvider } from "./provider.ts";

/** Measures how long the operations of an identity provider take, by outcome. */
export function measureProvider(
  name: SocialProviderName,
  provider: SocialProvider,
  { providerCalls }: Pick<Metrics, "providerCalls">,
): SocialProvider {
  const measure = async <T>(operation: string, answer: Promise<T>): Promise<T> => {
    const end = providerCalls.startTimer({ server_service_name: name.toLowerCase(), operation });
    try {
      const given = await answer;
      end({ outcome: "confirmed" });
      return given;
    } catch (error) {
      end({ outcome: error instanceof Failure ? reasonName(error.reason).toLowerCase() : "failed" });
      throw error;
    }
  };
  return {
    start: (state, signal) => measure("start", provider.start(state, signal)),
    async authenticate(callback, login, signal) {
      const user = await measure("authenticate", provider.authenticate(callback, login, signal));
      return { ...user, readProfile: until => measure("profile", user.readProfile(until)) };
    },
  };
}
