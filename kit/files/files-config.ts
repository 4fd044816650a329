import { type Config, integer, optionalUrl, text } from "#kit/process/config.ts";
import { notLonger } from "#kit/process/duration-rules.ts";

/** The bucket of a service, and how long its URLs last. */
export type FilesConfig = Config<ReturnType<typeof filesConfig>>;

/** The variables of a service that stores files; they start with its name. */
export function filesConfig(name: string) {
  const own = name.toUpperCase();
  const linkLifetimeSeconds = integer(`${own}_LINK_LIFETIME_SECONDS`, { min: 10, max: 3600, fallback: 600 });
  const linkCacheSeconds = integer(`${own}_LINK_CACHE_SECONDS`, { min: 1, max: 3600, fallback: 300 });
  return {
    bucket: text(`${own}_BUCKET`, {
      pattern: [/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of an S3 bucket"],
    }),
    /** The bucket's address for browsers, if it differs from that for this service. */
    publicEndpoint: optionalUrl(`${own}_S3_PUBLIC_ENDPOINT`),
    uploadLifetimeSeconds: integer(`${own}_UPLOAD_LIFETIME_SECONDS`, { min: 10, max: 3600, fallback: 900 }),
    linkLifetimeSeconds,
    /** How long a link is reused before a new one is signed. */
    linkCacheSeconds,
    // A link that is reused must still work.
    rules: [notLonger(linkCacheSeconds, linkLifetimeSeconds)],
  };
}
