import { type Environment, integer, optionalUrl, text } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import type { SiteOptions } from "./server.ts";

/** The variables of the site. */
export const siteConfig = {
  host: text("LISTEN_HOST", { fallback: "127.0.0.1" }),
  port: integer("SITE_PORT", { min: 0, max: 65_535, fallback: 8090 }),
  /** Where the pages find the API; without it, at their own origin. */
  apiUrl: optionalUrl("SITE_API_URL"),
};

/** Reads how the site listens and where its pages find the API. */
export function readSiteOptions(env: Environment): SiteOptions {
  const { apiUrl, ...listen } = readConfig(env, siteConfig);
  return { ...listen, ...(apiUrl && { apiUrl: new URL(apiUrl).origin }) };
}
