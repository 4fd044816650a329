import { serviceNames } from "#kit/contract/contracts.ts";
import type { SampleCalls, SampleFacts } from "./sample-call.ts";

/** A call of every public method, from the file of each service in `samples/`. */
export async function sampleCalls(facts: SampleFacts): Promise<SampleCalls> {
  const calls = await Promise.all(serviceNames.map(name => samplesOf(name, facts)));
  return Object.assign({}, ...calls);
}

async function samplesOf(service: string, facts: SampleFacts): Promise<SampleCalls> {
  const module = (await import(`./samples/${service}.ts`)) as {
    default: (facts: SampleFacts) => SampleCalls;
  };
  return module.default(facts);
}
