import type { FaultsInput, Person, PersonInput } from "./people.ts";

/** What people do at the identity providers, for tests and the demo. */
export function createIdentitySim(url: string) {
  async function post<T>(path: string, body: object): Promise<T> {
    const response = await fetch(url + path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`POST ${path}: ${response.status} ${text}`);
    }
    return JSON.parse(text) as T;
  }

  /** Sends the form of the consent page. Returns where the browser is sent back to. */
  async function submit(authorizationUrl: string, fields: Readonly<Record<string, string>>): Promise<URL> {
    const { origin, pathname, searchParams } = new URL(authorizationUrl);
    const body = new URLSearchParams({ ...Object.fromEntries(searchParams), ...fields });
    const response = await fetch(origin + pathname, { method: "POST", body, redirect: "manual" });
    const location = response.headers.get("location");
    if (location === null) {
      throw new Error(`${pathname}: ${response.status} ${await response.text()}`);
    }
    return new URL(location);
  }

  return {
    addPerson: (person: PersonInput) => post<Person>("/sim/people", person),
    setFaults: ({ provider, subject }: Pick<Person, "provider" | "subject">, faults: FaultsInput) =>
      post("/sim/faults", { provider, subject, ...faults }),
    agree: (authorizationUrl: string, { subject }: Pick<Person, "subject">) =>
      submit(authorizationUrl, { subject, action: "agree" }),
    refuse: (authorizationUrl: string) => submit(authorizationUrl, { action: "refuse" }),
  };
}
