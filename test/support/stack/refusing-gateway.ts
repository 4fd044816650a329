import type { Stack } from "#dev/stack/stack.ts";
import { defaultRates } from "#gateway/envoy/options.ts";
import { type OwnGateway, startOwnGateway } from "./own-gateway.ts";
import { findUnusedAddresses, startRecorder, startSilentUpstream } from "./upstreams.ts";

/** The origin that may call a refusing gateway. */
export const allowedOrigin = "https://app.questioncloud.test";

/**
 * Starts a gateway behind which user is unreachable, point never answers, and coupon answers every call, so that every
 * refusal is one of Envoy. A caller has one call of the class SECRET a minute.
 */
export async function startRefusingGateway(stack: Stack): Promise<OwnGateway> {
  const recorder = await startRecorder();
  const silent = await startSilentUpstream();
  const unused = await findUnusedAddresses();
  const gateway = await startOwnGateway(stack, {
    timeoutMs: 300,
    allowedOrigins: [allowedOrigin],
    services: {
      ...Object.fromEntries(Object.keys(stack.ports.services).map(name => [name, unused])),
      coupon: recorder.addresses,
      point: silent.addresses,
    },
    site: recorder.addresses.http[0] ?? { host: "", port: 0 },
    rates: { ...defaultRates, secret: { requests: 1, perSeconds: 60 } },
  });
  return {
    ...gateway,
    async stop() {
      await gateway.stop();
      await Promise.all([recorder, silent].map(upstream => upstream.stop()));
    },
  };
}
