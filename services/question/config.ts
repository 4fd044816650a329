import { type Config, integer, optionalUrl, text } from "#kit/process/config.ts";
import { notLonger } from "#kit/process/duration-rules.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

const variables = {
  runtime: runtimeConfig("question"),
  files: {
    bucket: text("QUESTION_BUCKET", {
      pattern: [/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of an S3 bucket"],
    }),
    /** The bucket's address for browsers, if it differs from that for this service. */
    publicEndpoint: optionalUrl("QUESTION_S3_PUBLIC_ENDPOINT"),
    uploadLifetimeSeconds: integer("QUESTION_UPLOAD_LIFETIME_SECONDS", { min: 10, max: 3600, fallback: 900 }),
    linkLifetimeSeconds: integer("QUESTION_LINK_LIFETIME_SECONDS", { min: 10, max: 3600, fallback: 600 }),
    /** How long a link is reused before a new one is signed. */
    linkCacheSeconds: integer("QUESTION_LINK_CACHE_SECONDS", { min: 1, max: 3600, fallback: 300 }),
  },
  categories: {
    freshMs: integer("QUESTION_CATEGORIES_FRESH_MS", { min: 1, max: 3_600_000, fallback: 60_000 }),
  },
};

/** The variables of the question service. */
export const config = {
  ...variables,
  rules: [
    // A link that is reused must still work.
    notLonger(variables.files.linkCacheSeconds, variables.files.linkLifetimeSeconds),
  ],
};

export type QuestionConfig = Config<typeof config>;
