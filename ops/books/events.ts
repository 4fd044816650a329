import { hearersOf, queueOf } from "#kit/event.ts";
import { serviceNames } from "../services.ts";
import { planTopology } from "../topology.ts";
import { type Check, pages } from "./stores.ts";

/** Every event that was committed has reached everybody who hears it. */
export const eventCheck: Check = {
  name: "I3  events and who heard them",
  async *run({ databases }, { graceSeconds }) {
    for (const service of serviceNames) {
      const select = `SELECT outbox_id AS id, event_id, type, state FROM outbox
        WHERE create_time <= NOW(6) - INTERVAL ${graceSeconds} SECOND AND outbox_id > ? ORDER BY outbox_id`;
      for await (const page of pages<{ id: bigint; event_id: string; type: string; state: string }>(
        databases[service],
        select,
        0n,
      )) {
        for (const { event_id: eventId, type, state } of page.filter(row => row.state !== "PUBLISHED")) {
          yield `${service}: ${type} ${eventId} is ${state}`;
        }
        for (const { event: schema } of planTopology()) {
          const ids = page
            .filter(row => row.type === schema.typeName && row.state === "PUBLISHED")
            .map(row => row.event_id);
          for (const hearer of ids.length === 0 ? [] : hearersOf(schema)) {
            const queue = queueOf(schema, hearer);
            const heard = await databases[hearer as (typeof serviceNames)[number]].query<{
              event_id: string;
            }>("SELECT event_id FROM inbox WHERE consumer = ? AND event_id IN (?)", [queue, ids]);
            const known = new Set(heard.map(row => row.event_id));
            for (const id of ids.filter(each => !known.has(each))) {
              yield `${queue} has not handled ${id}`;
            }
          }
        }
      }
    }
  },
};
