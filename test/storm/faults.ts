import { setTimeout as delay } from "node:timers/promises";
import { linkFaults } from "../support/faults/link-faults.ts";
import { type Choose, startAgain } from "./fault.ts";
import { flushRedis, killBroker, killStore, pauseBroker, readOnly, repeatEvents } from "./store-faults.ts";

const killReplica: Choose = ({ replicas }, random) => {
  const { id, process } = random.pick(replicas);
  const downMs = random.below(2000);
  return {
    target: id,
    what: `${id} is killed`,
    async run() {
      await process.kill("SIGKILL");
      await delay(downMs);
      await startAgain(process);
    },
  };
};

const stopReplica: Choose = ({ replicas }, random) => {
  const { id, process } = random.pick(replicas);
  return {
    target: id,
    what: `${id} is restarted`,
    async run() {
      await process.stop();
      await startAgain(process);
    },
  };
};

const pauseReplica: Choose = ({ replicas }, random) => {
  const { id, process } = random.pick(replicas);
  const pausedMs = 500 + random.below(5000);
  return {
    target: id,
    what: `${id} is paused for ${pausedMs} ms`,
    async run() {
      await process.kill("SIGSTOP");
      await delay(pausedMs);
      await process.kill("SIGCONT");
    },
  };
};

const breakLinks: Choose = ({ links, replicas }, random) => {
  const from = random.pick(["gateway", ...replicas.map(({ id }) => id)]);
  const { to } = random.pick(links.between(from));
  const [how, spoil] = random.pick(Object.entries(linkFaults));
  const brokenMs = 300 + random.below(4000);
  return {
    target: `${from} ${to}`,
    what: `connections of ${from} to ${to} ${how} for ${brokenMs} ms`,
    async run() {
      const broken = links.between(from, to);
      for (const { gate } of broken) {
        spoil(gate);
      }
      await delay(brokenMs);
      for (const { gate } of broken) {
        gate.open();
      }
    },
  };
};

const stepClock: Choose = ({ clocks, replicas }, random) => {
  const { id } = random.pick(replicas);
  const seconds = random.pick([-1, 1]) * (1 + random.below(300));
  const steppedMs = 2000 + random.below(4000);
  return (
    clocks && {
      target: `clock of ${id}`,
      what: `the clock of ${id} is ${seconds} s off for ${steppedMs} ms`,
      async run() {
        clocks.set(id, seconds);
        await delay(steppedMs);
        clocks.set(id, 0);
      },
    }
  );
};

/** The faults of a storm; one that is named twice is twice as likely. */
export const choices: readonly Choose[] = [
  killReplica,
  killReplica,
  stopReplica,
  pauseReplica,
  pauseReplica,
  breakLinks,
  breakLinks,
  breakLinks,
  breakLinks,
  stepClock,
  readOnly,
  killStore,
  flushRedis,
  killBroker,
  pauseBroker,
  repeatEvents,
];
