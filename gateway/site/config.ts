import { z } from "zod";
import { type Environment, integer, readConfig } from "#kit/config.ts";
import type { SiteOptions } from "./server.ts";

/** Reads how the site listens and where its pages find the API. */
export function readSiteOptions(env: Environment): SiteOptions {
  const config = readConfig(env, {
    LISTEN_HOST: z.string().default("127.0.0.1"),
    SITE_PORT: integer({ min: 0, max: 65_535, fallback: 8090 }),
    SITE_API_URL: z.url({ protocol: /^https?$/ }).optional(),
  });
  return {
    port: config.SITE_PORT,
    host: config.LISTEN_HOST,
    ...(config.SITE_API_URL && { apiUrl: new URL(config.SITE_API_URL).origin }),
  };
}
