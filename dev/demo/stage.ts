import assert from "node:assert/strict";
import { toJson } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import type { Narrator } from "./narrator.ts";
import { createPublicApi, type Protocol, type PublicApi } from "./public-api.ts";
import { reasonOf } from "./refusal.ts";

/** Where the story is played, and who reports it. */
export interface StoryWorld {
  readonly gatewayUrl: string;
  readonly mailUrl: string;
  readonly pspUrl: string;
  /** The simulated identity providers. */
  readonly identityUrl: string;
  readonly protocol: Protocol;
  /** The administrator who creates the coupons. */
  readonly admin: { readonly email: string; readonly password: string };
  readonly narrator: Narrator;
}

/** What all chapters need. */
export interface Stage extends StoryWorld {
  /** Reports its calls to the narrator. */
  readonly api: PublicApi;
  /** For polling; reports nothing. */
  readonly quietApi: PublicApi;
}

/** Creates both kinds of clients. */
export function openStage(world: StoryWorld): Stage {
  const urlOf = () => world.gatewayUrl;
  const { protocol } = world;
  return {
    ...world,
    api: createPublicApi({ urlOf, protocol, interceptors: [reportCalls(world.narrator)] }),
    quietApi: createPublicApi({ urlOf, protocol }),
  };
}

/** Returns a value that must be present. */
export function must<T>(value: T | undefined, what: string): T {
  assert(value !== undefined, `${what} is missing`);
  return value;
}

/** Requires that a call is refused for this reason. */
export async function mustRefuse(reason: string, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert.equal(reasonOf(error), reason, "refused for the expected reason");
    return true;
  });
}

/** Requests a page, which must exist. */
export async function openPage({ narrator }: Stage, url: URL): Promise<void> {
  const page = await fetch(url);
  assert.equal(page.status, 200, `the page ${url.pathname} answers ${page.status}`);
  narrator.say(`GET ${url.origin}${url.pathname}: ${page.status} ${page.headers.get("content-type")}`);
}

function reportCalls(narrator: Narrator): Interceptor {
  return next => async request => {
    const startMs = performance.now();
    if (request.stream) {
      return next(request);
    }
    const { input, output, parent, name } = request.method;
    const call = {
      method: `${parent.typeName.replace("questioncloud.", "")}/${name}`,
      request: toJson(input, request.message),
    };
    try {
      const response = await next(request);
      const answer = response.stream ? undefined : toJson(output, response.message);
      narrator.call({ ...call, answer, refusal: undefined, durationMs: performance.now() - startMs });
      return response;
    } catch (error) {
      const refusal = reasonOf(error) ?? String(error);
      narrator.call({ ...call, answer: undefined, refusal, durationMs: performance.now() - startMs });
      throw error;
    }
  };
}
