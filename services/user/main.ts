import type { Environment } from "#kit/config.ts";
import { openFloor } from "#kit/floor.ts";
import { startLoop } from "#kit/loop.ts";
import { run } from "#kit/run.ts";
import { type RunningService, serve } from "#kit/serve.ts";
import { createCleanUp } from "./jobs/clean-up.ts";
import { createSendMails } from "./jobs/send-mails.ts";
import { openParts } from "./parts.ts";
import { createHearings, createHttpRoutes, createRoutes, services } from "./routes.ts";

/** Starts the user service. */
export async function start(env: Environment): Promise<RunningService> {
  const floor = await openFloor("user", env);
  const parts = await openParts(floor, env);
  const { log, metrics, userConfig } = parts;
  const sendMails = startLoop({
    name: "send-mails",
    intervalMs: userConfig.USER_MAIL_POLL_MS,
    run: createSendMails(parts),
    log,
    metrics,
  });
  parts.mails.onAdd(() => sendMails.wake());
  const cleanUp = startLoop({
    name: "clean-up",
    intervalMs: userConfig.USER_CLEANUP_INTERVAL_MS,
    run: createCleanUp(parts),
    log,
    metrics,
  });
  return serve(floor, {
    services,
    routes: createRoutes(parts),
    httpRoutes: createHttpRoutes(parts),
    hearings: createHearings(parts),
    loops: [sendMails, cleanUp],
    close: async () => parts.mailer.close(),
  });
}

if (import.meta.main) {
  await run(start);
}
