import { existsSync, readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import type { Stack } from "#dev/stack/stack.ts";
import { type Place, readDead } from "./search-stores.ts";

/** What must not be in logs, spans, metrics and dead letters, by how it looks. */
const looks = {
  "access or service token": /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g,
  "refresh or link token":
    /(?<![\w/+.-])(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?:[\w-]{43}|[\w-]{64})(?![\w/+=-])/g,
  "password of a test": /(?:correct|wrong|another)-horse-\d/g,
  "hash of a password": /\$(?:argon2|scrypt)/g,
  "e-mail address": /[\w.+-]+@(?:[\w-]+\.)*(?:example(?:\.com)?|naver\.com|gmail\.com)\b/g,
  "phone number": /(?<![\w.-])01[016789]\d{8}(?![\w.-])/g,
  "signed link": /X-Amz-(?:Signature|Credential)=/gi,
  "authorization header": /\b(?:Bearer|Basic) [\w+/=.-]{8,}/g,
  "payment key": /\bqcpay_\w{8,}|\btviva\w{8,}/g,
  "private key": /"d\\?":\s*\\?"[\w-]{20,}|BEGIN [A-Z ]*PRIVATE KEY/g,
} as const;

/** What belongs into mails: links with the tokens that people asked for, and the address that it is about. */
const belongInMails: readonly string[] = ["refresh or link token", "e-mail address"];

/** Secrets of the stack itself, by their files and variables, as long as it has them. */
export async function ownSecrets({ dir, env }: Stack): Promise<string[]> {
  const files = ["database-password", "device-secret", "checkout-secret", "page-token-secret"];
  // Servers that the environment names have passwords of their own.
  const present = files.filter(file => existsSync(join(dir, file)));
  const secrets = present.map(file => readFileSync(join(dir, file), "utf8").trim());
  for await (const file of glob("keys/**/*", { cwd: dir, exclude: name => name.endsWith(".pem") })) {
    const text = readFileSync(join(dir, file), "utf8");
    secrets.push(...[...text.matchAll(/"d":\s*"([\w-]+)"/g)].flatMap(([, key = ""]) => key));
  }
  return [...secrets, env.POINT_TOSS_SECRET_KEY ?? "", env.AWS_SECRET_ACCESS_KEY ?? ""].filter(
    secret => secret.length >= 8,
  );
}

/** Finds secrets in a text; returns what each is, with a part of it. */
export function secretsIn(text: string, own: readonly string[] = []): string[] {
  const found = Object.entries(looks).flatMap(([what, pattern]) =>
    [...text.matchAll(pattern)].map(([match]) => `${what}: ${match.slice(0, 24)}`),
  );
  return [...found, ...own.filter(secret => text.includes(secret)).map(() => "a secret of the stack")];
}

/** What a stack shows and sends while it runs. */
export function readOutputs(stack: Stack): AsyncGenerator<Place>[] {
  return [readDead(stack), readMetrics(stack), readMails(stack)];
}

/** Fails where one of these places has a secret; the stores of a stack may hold what they hold. */
export async function requireNoSecrets(own: readonly string[], places: Iterable<Places>): Promise<void> {
  const found = await findSecrets(own, places);
  if (found.length > 0) {
    throw new Error(`there are secrets where none belongs:\n${found.join("\n")}`);
  }
}

type Places = AsyncIterable<Place> | Iterable<Place>;

/** Finds the secrets in these places, those of the stack included; returns each with its place. */
export async function findSecrets(own: readonly string[], all: Iterable<Places>): Promise<string[]> {
  const found = new Set<string>();
  for (const places of all) {
    for await (const [place, text] of places) {
      for (const secret of secretsIn(text, own)) {
        if (!(place === "mails" && belongInMails.some(what => secret.startsWith(what)))) {
          found.add(`${secret} in ${place}`);
        }
      }
    }
  }
  return [...found].sort().slice(0, shownAtMost);
}

const shownAtMost = 50;

async function* readMetrics({ ports }: Stack): AsyncGenerator<Place> {
  for (const [service, { probe }] of Object.entries(ports.services)) {
    // A service that a test has stopped shows nothing.
    const answer = await fetch(`http://127.0.0.1:${probe}/metrics`).catch(() => undefined);
    yield [`metrics of ${service}`, (await answer?.text()) ?? ""];
  }
}

async function* readMails({ mailUrl }: Stack): AsyncGenerator<Place> {
  yield ["mails", await (await fetch(`${mailUrl}/mails`)).text()];
}
