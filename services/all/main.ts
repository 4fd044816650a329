import type { Environment } from "#kit/config.ts";
import { run } from "#kit/run.ts";
import type { RunningService } from "#kit/serve.ts";
import { start as startCoupon } from "../coupon/main.ts";
import { start as startCreator } from "../creator/main.ts";
import { start as startPay } from "../pay/main.ts";
import { start as startPoint } from "../point/main.ts";
import { start as startQuestion } from "../question/main.ts";
import { start as startUser } from "../user/main.ts";

/** Starts every service in this process. Calls between them still cross sockets. */
export async function start(env: Environment): Promise<RunningService> {
  const starts = [startUser, startCreator, startQuestion, startPoint, startCoupon, startPay];
  const services = await Promise.all(starts.map(startOne => startOne(env)));
  return {
    name: "all",
    async stop() {
      await Promise.all(services.map(service => service.stop()));
    },
  };
}

if (import.meta.main) {
  await run(start);
}
