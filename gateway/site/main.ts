import { readSiteOptions } from "./config.ts";
import { startSite } from "./server.ts";

const site = await startSite(readSiteOptions(process.env));
process.stdout.write(`site on ${site.url}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void site.stop());
}
