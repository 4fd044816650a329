import { z } from "zod";
import { BadBody, json, type Routes, readJson } from "./http.ts";
import { faultsShape, type People, personShape, providerNames } from "./people.ts";

const faultsBody = faultsShape.extend({ provider: z.enum(providerNames), subject: z.string() });

/** What no real provider offers, for tests and developers. */
export function createSim(people: People): Routes {
  return {
    "GET /sim/people": () => json(providerNames.flatMap(people.of)),
    "POST /sim/people": async call => json(people.add(await readJson(call, personShape))),
    "POST /sim/faults": async call => {
      const { provider, subject, ...faults } = await readJson(call, faultsBody);
      const person = people.find(provider, subject);
      if (person === undefined) {
        throw new BadBody("There is no such person.");
      }
      people.setFaults(person, faults);
      return json({});
    },
  };
}
