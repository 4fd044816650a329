import assert from "node:assert/strict";
import { toJson } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { createFrontDoor, type FrontDoor, type Protocol } from "./front-door.ts";
import type { Narrator } from "./narrator.ts";
import { reasonOf } from "./refusal.ts";

/** Where the story is played, and how it is told. */
export interface StoryWorld {
  readonly gatewayUrl: string;
  readonly mailUrl: string;
  readonly pgUrl: string;
  readonly protocol: Protocol;
  /** An operator, who makes the coupons. */
  readonly admin: { readonly email: string; readonly password: string };
  readonly narrator: Narrator;
}

/** What every chapter needs. */
export interface Stage extends StoryWorld {
  /** Calls through this door are told. */
  readonly door: FrontDoor;
  /** For looking again and again; nothing is told. */
  readonly quietDoor: FrontDoor;
}

/** Opens both doors of a world. */
export function openStage(world: StoryWorld): Stage {
  const urlOf = () => world.gatewayUrl;
  const { protocol } = world;
  return {
    ...world,
    door: createFrontDoor({ urlOf, protocol, interceptors: [tellCalls(world.narrator)] }),
    quietDoor: createFrontDoor({ urlOf, protocol }),
  };
}

/** What must be there. */
export function must<T>(value: T | undefined, what: string): T {
  assert(value !== undefined, `${what} is missing`);
  return value;
}

/** A call that must be refused for a certain reason. */
export async function mustRefuse(reason: string, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert.equal(reasonOf(error), reason, "refused, but for another reason");
    return true;
  });
}

/** Opens a page as a browser does; it must be there. */
export async function openPage({ narrator }: Stage, url: URL): Promise<void> {
  const page = await fetch(url);
  assert.equal(page.status, 200, `the page ${url.pathname} answers ${page.status}`);
  narrator.say(`GET ${url.origin}${url.pathname}: ${page.status} ${page.headers.get("content-type")}`);
}

function tellCalls(narrator: Narrator): Interceptor {
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
