import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Protocol, protocols } from "./demo/front-door.ts";
import { createNarrator } from "./demo/narrator.ts";
import { findRunningStack } from "./demo/running-stack.ts";
import type { StoryWorld } from "./demo/stage.ts";
import { playStory } from "./demo/story.ts";
import { sampleAdmin, samplePassword } from "./sample/people.ts";

const usage = `npm run demo -- [--protocol NAME] [--gateway URL --mail URL --pg URL] [--admin EMAIL:PASSWORD]

Plays a sale against the stack that npm start has started, from the sign-up to the receipts. Prints each call and its answer, checks what
comes back, and ends with an error at the first surprise. May be played again and again; everybody in it is new.

  --protocol NAME         ${protocols.join(", ")} (connect)
  --gateway, --mail, --pg where gateway, mail sink and simulated payment gateway answer, if not where npm start says
  --admin EMAIL:PASSWORD  an operator, if not the one of the sample data
`;

const { values } = parseArgs({
  options: {
    protocol: { type: "string", default: "connect" },
    gateway: { type: "string" },
    mail: { type: "string" },
    pg: { type: "string" },
    admin: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

const startMs = performance.now();
try {
  const world = await findWorld();
  process.stdout.write(`Playing over ${world.protocol} at ${world.gatewayUrl}\n`);
  await playStory(world);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  process.stdout.write(`\nThe story ended well, in ${seconds} s. All mails: ${world.mailUrl}/\n`);
} catch (error) {
  process.stderr.write(`\nThe story broke off: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function findWorld(): Promise<StoryWorld> {
  const { gateway: gatewayUrl, mail: mailUrl, pg: pgUrl } = values;
  const told = { protocol: findProtocol(), narrator: createNarrator(text => process.stdout.write(text)) };
  if (gatewayUrl !== undefined && mailUrl !== undefined && pgUrl !== undefined) {
    return { gatewayUrl, mailUrl, pgUrl, admin: findAdmin([]), ...told };
  }
  if (gatewayUrl !== undefined || mailUrl !== undefined || pgUrl !== undefined) {
    throw new Error("--gateway, --mail and --pg belong together.");
  }
  const stack = await findRunningStack(fileURLToPath(new URL("../.data", import.meta.url)));
  if (stack === undefined) {
    throw new Error("no stack with a gateway is running here. Start one with: npm start");
  }
  return { ...stack, admin: findAdmin(stack.users), ...told };
}

function findProtocol(): Protocol {
  const found = protocols.find(name => name === values.protocol);
  if (found === undefined) {
    throw new Error(`${values.protocol} is none of ${protocols.join(", ")}.`);
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
