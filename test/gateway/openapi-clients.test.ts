import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { createRouteTable, type RpcRoute } from "#gateway/routes.ts";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { type Person, signUpAdmin } from "../support/market/people.ts";
import { signUpAuthor, writeDraft } from "../support/market/questions.ts";
import type { Call, Language, Outcome } from "../support/openapi/generated-client.ts";
import { go } from "../support/openapi/go.ts";
import { python } from "../support/openapi/python.ts";
import type { SampleFacts } from "../support/openapi/sample-call.ts";
import { sampleCalls } from "../support/openapi/sample-calls.ts";
import { typescript } from "../support/openapi/typescript.ts";
import { sharedStack } from "../support/stack/stack.ts";

/** A refusal as the document describes it. */
interface Refusal {
  readonly code: string;
  readonly details: readonly { readonly type: string; readonly value: string }[];
}

const { rpc: routes } = createRouteTable();
const languages = [typescript, python, go];

describe("clients generated from the OpenAPI document", () => {
  let stack: Stack;
  let facts: SampleFacts;
  let admin: Person;
  let documentFile: string;
  let generated: Map<Language, Promise<string>>;

  before(async () => {
    stack = await sharedStack();
    documentFile = join(stack.dir, "openapi.json");
    writeFileSync(documentFile, await (await fetch(`${stack.gatewayUrl}/openapi.json`)).text());
    generated = new Map(languages.map(language => [language, generate(language)]));
    const author = await signUpAuthor(stack);
    facts = { author, draft: await writeDraft(author) };
    admin = await signUpAdmin(stack);
  });

  /** Generators work at the same time: they wait for downloads, too. The test of each language sees how it ended. */
  function generate(language: Language): Promise<string> {
    const dir = join(stack.dir, `client-${language.name}`);
    mkdirSync(dir);
    const done = language.missing() === undefined ? language.generate(documentFile, dir) : Promise.resolve();
    const made = done.then(() => dir);
    made.catch(() => {});
    return made;
  }

  /** A call of every operation, with what must come of it. */
  async function prepareCalls(): Promise<{ call: Call; refused: string | undefined }[]> {
    const samples = await sampleCalls(facts);
    const tokens = { user: facts.author.token, admin: admin.token };
    return routes.flatMap(route => {
      const sample = samples[nameOf(route)];
      if (sample === undefined) {
        throw new Error(`samples/ has no call of ${nameOf(route)}`);
      }
      const { request, refused } = sample;
      const common = { token: sample.as === undefined ? "" : tokens[sample.as], arguments: request };
      const query = { encoding: "json", message: JSON.stringify(request) };
      const post = { call: { ...common, operation: operationOf(route) }, refused };
      const get = { call: { ...common, operation: `${operationOf(route)}get`, arguments: query }, refused };
      return route.safe ? [post, get] : [post];
    });
  }

  for (const language of languages) {
    describe(`for ${language.name}`, () => {
      before(requireTool(language));

      it("call every method, with POST and with GET, and have types for answers and refusals", async () => {
        const dir = (await generated.get(language)) ?? "";
        const wanted = await prepareCalls();
        const calls = wanted.map(({ call }) => call);
        const outcomes = await language.call(dir, stack.gatewayUrl ?? "", calls);
        const seen = outcomes.map(outcome => [outcome.operation, describeOutcome(outcome)]);
        expect(seen).to.deep.equal(
          wanted.map(({ call, refused }) => [call.operation, refused ?? "answered"]),
        );
      });
    });
  }
});

/** Leaves a language out where its tools are missing, except in CI. */
function requireTool({ name, missing }: Language) {
  return function (this: Mocha.Context) {
    const reason = missing();
    if (reason !== undefined) {
      process.stdout.write(`the client for ${name} is left out: ${reason}\n`);
      if (process.env.CI) {
        throw new Error(reason);
      }
      this.skip();
    }
  };
}

/** The reason of a refusal, or that the call was answered; both only if the client has a type for them. */
function describeOutcome({ status, parsed }: Outcome): string {
  if (parsed === null) {
    return `status ${status}, for which the client has no type`;
  }
  if (status === 200) {
    return "answered";
  }
  const { details } = parsed as Refusal;
  const info = details.find(({ type }) => type === "google.rpc.ErrorInfo");
  return fromBinary(ErrorInfoSchema, Buffer.from(info?.value ?? "", "base64")).reason;
}

function nameOf({ method }: RpcRoute): string {
  return `${method.parent.typeName.replace("questioncloud.", "")}/${method.name}`;
}

function operationOf({ method }: RpcRoute): string {
  return `${method.parent.typeName}${method.name}`.replaceAll(".", "").toLowerCase();
}
