import { events } from "#kit/contract/contracts.ts";
import { publisherOf, queueOf, subscribersOf } from "#kit/contract/event.ts";
import { findHandled, readOutbox } from "#kit/events/event-records.ts";
import type { Join } from "./join.ts";

/** Every event that was committed has reached every subscriber. */
export const eventJoin: Join = {
  name: "I3 events and their subscribers",
  services: [],
  config: {},
  async *check({ databases }, { graceSeconds }) {
    for (const service of databases.services) {
      for await (const page of readOutbox(databases.of(service), graceSeconds)) {
        for (const { eventId, type, state } of page.filter(record => record.state !== "PUBLISHED")) {
          yield `${type} ${eventId} is ${state} in ${service}`;
        }
        for (const event of events.filter(each => publisherOf(each) === service)) {
          const ids = page
            .filter(({ type, state }) => type === event.typeName && state === "PUBLISHED")
            .map(({ eventId }) => eventId);
          const subscribers = subscribersOf(event).filter(each => databases.services.includes(each));
          for (const subscriber of ids.length === 0 ? [] : subscribers) {
            const queue = queueOf(event, subscriber);
            const handled = await findHandled(databases.of(subscriber), queue, ids);
            for (const id of ids.filter(each => !handled.has(each))) {
              yield `${queue} has not handled ${id}`;
            }
          }
        }
      }
    }
  },
};
