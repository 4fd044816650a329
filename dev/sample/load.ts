import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChargePackage } from "#gen/questioncloud/point/v1/point_pb.ts";
import { createPublicApi, type PublicApi } from "../demo/public-api.ts";
import type { Stack } from "../stack/stack.ts";
import { type AccountDeps, grantAdmin, logIn, signUpOnce } from "./accounts.ts";
import { fillBoardsOnce } from "./boards.ts";
import { ensureCategories, type FindCategory } from "./categories.ts";
import { sampleCoupons } from "./coupons.ts";
import { eachOf } from "./each-of.ts";
import { issueCouponsOnce } from "./issue-coupons.ts";
import { sampleAdmin, sampleBuyers, sampleCreators, samplePassword, sampleStudents } from "./people.ts";
import { openCreatorClients, publishOnce, registerCreatorOnce } from "./publish.ts";
import { createSampleQuestions, type SampleQuestion } from "./questions.ts";
import { reviewOnce } from "./reviews.ts";
import { buyOnce, chargeOnce, fillCart, registerCouponsOnce, sampleBaskets, sampleCart } from "./shop.ts";
import { buyersKakao, linkSocialAccount, signUpSocialPeopleOnce, socialPeople } from "./social.ts";
import { subscribeOnce } from "./subscriptions.ts";
import { waitForRate } from "./wait-for-rate.ts";

/** A user to log in as. */
export interface DemoUser {
  readonly email: string;
  readonly password: string;
  readonly role: "admin" | "creator" | "buyer";
}

/** What exists after the data is loaded. */
export interface SampleData {
  readonly users: readonly DemoUser[];
  /** False where an earlier start had loaded everything. */
  readonly loaded: boolean;
}

/** What of a stack the loader needs. */
type SampleTarget = Pick<Stack, "dir" | "env" | "mailUrl" | "identityUrl">;

const seed = "questioncloud";
const atOnce = 6;
const markerName = "sample-data.json";

/** True if the stack whose files are in a folder was filled. */
export function isSampleDataLoaded(dir: string): boolean {
  return existsSync(join(dir, markerName));
}

/**
 * Fills a running stack through its public methods: people, social accounts, categories, questions with files,
 * promotions, coupons, purchases, a cart, subscriptions, posts, comments and reviews. What exists is unchanged, so
 * loading may be repeated, even after an interruption.
 */
export async function loadSampleData(
  stack: SampleTarget,
  log: (line: string) => void,
  urlOf = (service: string) => listenerUrl(stack.env, service),
): Promise<SampleData> {
  if (isSampleDataLoaded(stack.dir)) {
    log("Sample data: loaded by an earlier start");
    return { users: demoUsers(), loaded: false };
  }
  const startMs = performance.now();
  const api = createPublicApi({ urlOf, interceptors: [waitForRate] });
  const questions = createSampleQuestions(seed);
  const tokens = await signUpAll({ api, mailUrl: stack.mailUrl }, stack.env, log);
  await signUpSocialPeopleOnce({ api, identityUrl: stack.identityUrl });
  await linkSocialAccount({ api, identityUrl: stack.identityUrl }, tokens.buyer, buyersKakao);
  log(`Sample data: ${socialPeople.length} people with social accounts`);
  const findCategory = await ensureCategories(
    api,
    tokens.admin,
    questions.map(({ category }) => category),
  );
  const creatorIds = await registerCreators(api, tokens.creators);
  const questionIds = await publishAll(api, tokens.creators, questions, findCategory, log);
  const findQuestion = finder(questionIds);
  await issueCouponsOnce(api, tokens.admin, sampleCoupons, {
    creator: finder(creatorIds),
    question: findQuestion,
    category: findCategory,
  });
  log(`Sample data: ${sampleCoupons.length} coupons`);
  await goShopping(api, tokens.buyer, findQuestion);
  const findToken = finder(new Map([...tokens.creators, ...tokens.students, ["buyer", tokens.buyer]]));
  await subscribeOnce(api, { token: findToken, creator: finder(creatorIds) });
  await fillBoardsOnce(api, { token: findToken, question: findQuestion });
  await reviewOnce(api, { token: findToken, question: findQuestion });
  log(`Sample data: done in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  writeFileSync(join(stack.dir, markerName), `${JSON.stringify({ seed, questions: questions.length })}\n`);
  return { users: demoUsers(), loaded: true };
}

/** The gateway limits calls per address; the services' own listeners speak the same protocol without that limit. */
function listenerUrl(env: Readonly<Record<string, string>>, service: string): string {
  return `http://${env[`${service.toUpperCase()}_HTTP_ADDRESSES`]}`;
}

interface Tokens {
  readonly admin: string;
  readonly buyer: string;
  /** By the key of the creator. */
  readonly creators: ReadonlyMap<string, string>;
  /** By the key of the student. */
  readonly students: ReadonlyMap<string, string>;
}

async function signUpAll(
  deps: AccountDeps,
  env: Readonly<Record<string, string>>,
  log: (line: string) => void,
): Promise<Tokens> {
  const people = [sampleAdmin, ...sampleBuyers, ...sampleStudents, ...sampleCreators];
  const tokens = await eachOf(people, atOnce, person => signUpOnce(deps, person));
  const tokenOf = (email: string) => tokens[people.findIndex(person => person.email === email)] ?? "";
  await grantAdmin(env, sampleAdmin.email);
  log(`Sample data: ${people.length} people`);
  return {
    admin: await logIn(deps.api, sampleAdmin.email),
    buyer: tokenOf(sampleBuyers[0].email),
    creators: new Map(sampleCreators.map(({ key, email }) => [key, tokenOf(email)])),
    students: new Map(sampleStudents.map(({ key, email }) => [key, tokenOf(email)])),
  };
}

async function registerCreators(
  api: PublicApi,
  tokens: ReadonlyMap<string, string>,
): Promise<Map<string, bigint>> {
  const ids = await eachOf(sampleCreators, atOnce, creator =>
    registerCreatorOnce(api, tokens.get(creator.key) ?? "", creator),
  );
  return new Map(sampleCreators.map(({ key }, index) => [key, ids[index] ?? 0n]));
}

async function publishAll(
  api: PublicApi,
  tokens: ReadonlyMap<string, string>,
  questions: readonly SampleQuestion[],
  findCategory: FindCategory,
  log: (line: string) => void,
): Promise<Map<string, bigint>> {
  let published = 0;
  const entries = await eachOf(questions, atOnce, async (question): Promise<[string, bigint]> => {
    const clients = openCreatorClients(api, tokens.get(question.creatorKey));
    const id = await publishOnce(clients, question, findCategory);
    published += 1;
    if (published % 20 === 0) {
      log(`Sample data: ${published} of ${questions.length} questions`);
    }
    return [question.key, id];
  });
  return new Map(entries);
}

async function goShopping(
  api: PublicApi,
  token: string,
  findQuestion: (key: string) => bigint,
): Promise<void> {
  await chargeOnce(api, token, ChargePackage.D);
  const codes = ["WELCOME-1000", "SUNEUNG-10", "ONE-500", "HAYUN-300"];
  const coupon = finder(await registerCouponsOnce(api, token, codes));
  for (const basket of sampleBaskets) {
    await buyOnce(api, token, basket, { question: findQuestion, coupon });
  }
  await fillCart(api, token, sampleCart.map(findQuestion));
}

function finder<T>(values: ReadonlyMap<string, T>): (key: string) => T {
  return key => {
    const value = values.get(key);
    if (value === undefined) {
      throw new RangeError(`There is no ${key} in the sample data.`);
    }
    return value;
  };
}

function demoUsers(): DemoUser[] {
  const role = (name: DemoUser["role"]) => (person: { email: string }) => ({
    email: person.email,
    password: samplePassword,
    role: name,
  });
  return [
    role("admin")(sampleAdmin),
    ...sampleCreators.map(role("creator")),
    ...sampleBuyers.map(role("buyer")),
  ];
}
