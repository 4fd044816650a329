import { compare } from "../statistics/counter.ts";
import { ratingCounters } from "../statistics/ratings.ts";
import type { Join } from "./join.ts";

/** Questions and creators have counted every review as it is. */
export const ratingJoin: Join = {
  name: "I6 reviews as they are counted",
  services: ["review", "question", "creator"],
  config: {},
  async *check({ databases }, options) {
    for (const counter of ratingCounters) {
      yield* compare(databases, counter, options);
    }
  },
};
