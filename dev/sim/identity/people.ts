import { randomInt } from "node:crypto";
import { z } from "zod";

const maxPeople = 10_000;
const maxSteps = 100;

export const providerNames = ["google", "kakao", "naver"] as const;
export type ProviderName = (typeof providerNames)[number];

/** A person with an account at a provider. */
export interface Person {
  readonly provider: ProviderName;
  /** How the provider calls the person: digits at Google and Kakao. */
  readonly subject: string;
  readonly name: string;
  /** Absent where the person has none, or does not share it. */
  readonly email?: string | undefined;
  readonly isEmailVerified: boolean;
}

export const personShape = z.strictObject({
  provider: z.enum(providerNames),
  /** May be one that no provider of OpenID Connect makes. */
  subject: z.string().min(1).max(300).optional(),
  name: z.string().min(1).max(100),
  email: z.email().max(254).optional(),
  isEmailVerified: z.boolean().default(true),
});

const step = z.union([
  z.strictObject({ status: z.int().min(400).max(599) }),
  z.strictObject({ delayMs: z.int().min(1).max(600_000) }),
  z.strictObject({ drop: z.literal(true) }),
]);
export type Step = z.infer<typeof step>;
const steps = z.array(step).max(maxSteps).default([]);

/** What goes wrong for a person: the next calls that are about them, and claims of their ID tokens. */
export const faultsShape = z.strictObject({
  token: steps,
  profile: steps,
  idToken: z
    .strictObject({
      nonce: z.string(),
      audience: z.string(),
      issuer: z.string(),
      isExpired: z.boolean(),
      isForged: z.boolean(),
    })
    .partial()
    .default({}),
});
type Faults = z.infer<typeof faultsShape>;
/** Faults as a client writes them. */
export type FaultsInput = z.input<typeof faultsShape>;
/** A person as a client writes them. */
export type PersonInput = z.input<typeof personShape>;

/** The people of all providers. */
export interface People {
  add(person: PersonInput): Person;
  find(provider: ProviderName, subject: string): Person | undefined;
  /** The newest first. */
  of(provider: ProviderName): Person[];
  setFaults(person: Person, faults: Faults): void;
  faultsOf(person: Person): Faults;
  /** The next step of a kind, which is then over. */
  takeStep(person: Person, kind: "token" | "profile"): Step | undefined;
}

export function createPeople(): People {
  const people = new Map<string, Person>();
  const faults = new Map<Person, Faults>();
  const none = faultsShape.parse({});
  const faultsOf = (person: Person) => faults.get(person) ?? none;
  const store: People = {
    add({ subject = createSubject(), isEmailVerified = true, ...person }) {
      const oldest = people.keys().next().value;
      if (people.size >= maxPeople && oldest !== undefined) {
        people.delete(oldest);
      }
      const added = { subject, isEmailVerified, ...person };
      people.set(`${person.provider} ${subject}`, added);
      return added;
    },
    find: (provider, subject) => people.get(`${provider} ${subject}`),
    of: provider => [...people.values()].filter(person => person.provider === provider).reverse(),
    setFaults: (person, given) => void faults.set(person, given),
    faultsOf,
    takeStep: (person, kind) => faultsOf(person)[kind].shift(),
  };
  for (const person of residents) {
    store.add(person);
  }
  return store;
}

function createSubject(): string {
  return String(randomInt(1_000_000_000, 4_000_000_000));
}

/** People who are always there. The sample data of the local stack has accounts for the first of each provider. */
const residents: readonly PersonInput[] = [
  { provider: "google", subject: "108000000000000000001", name: "정하늘", email: "haneul@gmail.example" },
  { provider: "google", subject: "108000000000000000002", name: "Jamie Park", email: "jamie@gmail.example" },
  { provider: "kakao", subject: "3100000001", name: "라이언", email: "ryan@kakao.example" },
  { provider: "kakao", subject: "3100000002", name: "춘식이", email: "choonsik@kakao.example" },
  { provider: "kakao", subject: "3100000003", name: "이메일 없는 사람" },
  { provider: "naver", subject: "naver-green-1", name: "초록이", email: "green@naver.com" },
  { provider: "naver", subject: "naver-green-2", name: "한결", email: "hangyeol@naver.com" },
];
