import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { Redis } from "ioredis";
import { root } from "#dev/stack/root.ts";
import { claimDirectory, claimTemporaryDirectory, type RunDirectory } from "#dev/stack/servers/directory.ts";
import { tryLock, withLock } from "#dev/stack/servers/lock.ts";
import { type PortBlock, reservePorts } from "#dev/stack/servers/ports.ts";
import { startRedis } from "#dev/stack/servers/redis.ts";

const pollMs = 10;

describe("runs of the local stack", () => {
  let run: RunDirectory;
  let block: PortBlock;

  before(async () => {
    run = await claimTemporaryDirectory(join(root, ".data"), "runs-test");
    block = await reservePorts({ base: 29_000, count: 2 });
  });
  after(async () => {
    await block.release();
    await run.release();
  });

  function options(name: string, portIndex: number) {
    const { REDIS_URL, ...env } = process.env;
    return { dir: join(run.dir, name), port: block.ports[portIndex] ?? 0, log: () => {}, env };
  }

  it("stop their servers when they are killed, and leave the data to the next run", async () => {
    const own = options("killed", 0);
    const script = `
      const { startRedis } = await import(${JSON.stringify(join(root, "dev/stack/servers/redis.ts"))});
      const { url } = await startRedis({ ...${JSON.stringify(own)}, log() {} });
      const { Redis } = await import("ioredis");
      await new Redis(url).set("stored", "yes");
      console.log("written");`;
    const killed = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: root });
    await once(killed.stdout, "data");
    killed.kill("SIGKILL");
    while (await answers(own.port)) {
      await delay(pollMs);
    }
    const server = await startRedis(own);
    const client = new Redis(server.url);
    expect(await client.get("stored")).to.equal("yes");
    await client.quit();
    await server.stop();
  });

  it("report the end of the log of a server that cannot start", async () => {
    const taken = createServer().listen(block.ports[1], "127.0.0.1");
    await once(taken, "listening");
    const error = await startRedis(options("taken", 1)).catch((failure: Error) => failure);
    expect(error)
      .to.be.instanceOf(Error)
      .with.property("message")
      .that.matches(/redis\.log[\s\S]*Address already in use/);
    taken.close();
  });

  it("get different ports", async () => {
    const blocks = await Promise.all([1, 2, 3].map(() => reservePorts({ base: 29_100, count: 4 })));
    const ports = blocks.flatMap(block => block.ports);
    expect(new Set(ports).size).to.equal(12);
    await Promise.all(blocks.map(({ release }) => release()));
    // The lowest that are free, and so the same again, unless another program took one meanwhile.
    const again = await reservePorts({ base: 29_100, count: 4 });
    expect(again.ports[0]).to.be.at.most(Math.max(...ports));
    await again.release();
  });

  it("get the ports of the last time, unless they are taken or another base is asked for", async () => {
    const [count, file] = [2, join(run.dir, "ports.json")];
    const taken = await reservePorts({ base: 28_700, count });
    const first = await reservePorts({ base: 28_700, count, file });
    expect(first.ports).to.deep.equal([28_704, 28_705]);
    await Promise.all([taken.release(), first.release()]);
    const second = await reservePorts({ base: 28_700, count, file });
    expect(second.ports).to.deep.equal(first.ports);
    const third = await reservePorts({ base: 28_700, count, file });
    expect(third.ports).to.deep.equal(taken.ports);
    await Promise.all([second.release(), third.release()]);
    const other = await reservePorts({ base: 28_710, count, file });
    expect(other.ports).to.deep.equal([28_711, 28_712]);
    await other.release();
  });

  it("get different directories, and reuse one that is free", async () => {
    const first = await claimDirectory(run.dir, "start");
    const second = await claimDirectory(run.dir, "start");
    expect([first.dir, second.dir]).to.deep.equal([join(run.dir, "start"), join(run.dir, "start-2")]);
    await first.release();
    const third = await claimDirectory(run.dir, "start");
    expect(third.dir).to.equal(first.dir);
    await Promise.all([second.release(), third.release()]);
  });

  it("get different temporary directories, and remove those of killed runs", async () => {
    const root = join(run.dir, "temporary");
    const ended = spawn("true");
    await once(ended, "exit");
    const stale = ["test", "other"].map(name => join(root, `${name}-${ended.pid}`));
    for (const dir of [...stale, `${stale[0]}-2`]) {
      mkdirSync(join(dir, "data"), { recursive: true });
    }
    const first = await claimTemporaryDirectory(root, "test");
    const second = await claimTemporaryDirectory(root, "test");
    expect(readdirSync(root)).to.have.members([
      `other-${ended.pid}`,
      `test-${process.pid}`,
      `test-${process.pid}-2`,
    ]);
    await Promise.all([first.release(), second.release()]);
    expect(readdirSync(root)).to.deep.equal([`other-${ended.pid}`]);
  });

  it("wait for a lock that another run holds", async () => {
    const name = run.dir;
    const held = await tryLock(name);
    expect(await tryLock(name)).to.equal(undefined);
    const order: string[] = [];
    const waiting = withLock(name, 10_000, async () => order.push("second"));
    order.push("first");
    await held?.release();
    await waiting;
    expect(order).to.deep.equal(["first", "second"]);
  });
});

function answers(port: number): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(port, "127.0.0.1", () => done(true)).once("error", () => done(false));
    socket.once("connect", () => socket.destroy());
  });
}
