import { compare } from "../statistics/counter.ts";
import { subscriberCounter } from "../statistics/subscribers.ts";
import type { Join } from "./join.ts";

/** Creators have counted every subscription as it is. */
export const subscriberJoin: Join = {
  name: "I6 subscriptions as they are counted",
  services: ["creator", "subscribe"],
  config: {},
  check: ({ databases }, options) => compare(databases, subscriberCounter, options),
};
