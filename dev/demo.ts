import { parseArgs } from "node:util";
import { allowClosedPipe } from "#kit/process/closed-pipe.ts";
import { readArguments } from "#ops/command-line.ts";
import { createNarrator } from "./demo/narrator.ts";
import { type Protocol, protocols } from "./demo/public-api.ts";
import type { StoryWorld } from "./demo/stage.ts";
import { playStory } from "./demo/story.ts";
import { sampleAdmin, samplePassword } from "./sample/people.ts";
import { findRunningStack } from "./stack/running-stack.ts";

// The usage is in usage/demo.txt, so that it can be shown before anything is installed.
const options = {
  protocol: { type: "string", default: "connect" },
  gateway: { type: "string" },
  mail: { type: "string" },
  psp: { type: "string" },
  identity: { type: "string" },
  admin: { type: "string" },
} as const;
const { values } = readArguments("demo", () => parseArgs({ options }));

allowClosedPipe();
const startMs = performance.now();
try {
  const world = await findWorld();
  process.stdout.write(`Playing over ${world.protocol} at ${world.gatewayUrl}\n`);
  await playStory(world);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  process.stdout.write(`\nThe story is complete after ${seconds} s. All mails: ${world.mailUrl}/\n`);
} catch (error) {
  process.stderr.write(`\nThe story failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function findWorld(): Promise<StoryWorld> {
  const { gateway: gatewayUrl, mail: mailUrl, psp: pspUrl, identity: identityUrl } = values;
  const given = [gatewayUrl, mailUrl, pspUrl, identityUrl].filter(url => url !== undefined);
  const reporting = {
    protocol: findProtocol(),
    narrator: createNarrator(text => process.stdout.write(text)),
  };
  if (gatewayUrl !== undefined && mailUrl && pspUrl && identityUrl) {
    return { gatewayUrl, mailUrl, pspUrl, identityUrl, admin: findAdmin([]), ...reporting };
  }
  if (given.length > 0) {
    throw new Error("--gateway, --mail, --psp and --identity belong together.");
  }
  const stack = await findRunningStack();
  if (stack?.gatewayUrl === undefined) {
    throw new Error("no stack with a gateway is running here. Start one with: npm start");
  }
  const { users, env: _, ...urls } = stack;
  return { ...urls, gatewayUrl: stack.gatewayUrl, admin: findAdmin(users), ...reporting };
}

function findProtocol(): Protocol {
  const found = protocols.find(name => name === values.protocol);
  if (found === undefined) {
    throw new Error(`--protocol must be one of ${protocols.join(", ")}.`);
  }
  return found;
}

function findAdmin(users: readonly { email: string; password: string; role: string }[]): StoryWorld["admin"] {
  if (values.admin !== undefined) {
    const [email = "", ...password] = values.admin.split(":");
    return { email, password: password.join(":") };
  }
  return users.find(({ role }) => role === "admin") ?? { email: sampleAdmin.email, password: samplePassword };
}
