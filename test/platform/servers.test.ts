import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { Redis } from "ioredis";
import { mongo } from "mongoose";
import { root } from "#dev/stack/root.ts";
import { type AwsServer, startAws } from "#dev/stack/servers/aws.ts";
import { findBinary } from "#dev/stack/servers/binary.ts";
import { installDebianPackages } from "#dev/stack/servers/debian.ts";
import { claimTemporaryDirectory, type RunDirectory } from "#dev/stack/servers/directory.ts";
import { startMariadb } from "#dev/stack/servers/mariadb.ts";
import { connectAdmin, createSchemas } from "#dev/stack/servers/mariadb-schemas.ts";
import { startMongo } from "#dev/stack/servers/mongo.ts";
import { type PortBlock, reservePorts } from "#dev/stack/servers/ports.ts";
import { startRedis } from "#dev/stack/servers/redis.ts";

const log = () => {};

describe("backing servers", () => {
  let run: RunDirectory;
  let block: PortBlock;
  const running: { stop(): Promise<void> }[] = [];

  before(async () => {
    run = await claimTemporaryDirectory(join(root, ".data"), "servers-test");
    block = await reservePorts({ base: 27_000, count: 8 });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map(server => server.stop()));
  });
  after(async () => {
    await block.release();
    await run.release();
  });

  function options(name: string, portIndex: number) {
    return { dir: join(run.dir, name), port: block.ports[portIndex] ?? 0, log, env: withoutServers() };
  }

  async function startForTest<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const server = await starting;
    running.push(server);
    return server;
  }

  it("two MariaDB instances run at once, each with its settings and accounts", async () => {
    const [one, other] = await Promise.all([
      startForTest(startMariadb(options("one", 0))),
      startForTest(startMariadb({ ...options("other", 1), settings: { max_connections: "77" } })),
    ]);
    const admin = await connectAdmin(one.url);
    const [settings] = await admin.query(
      "SELECT @@tx_isolation i, @@character_set_server c, @@innodb_flush_log_at_trx_commit f, @@time_zone z",
    );
    await admin.end();
    expect(settings).to.deep.equal({ i: "READ-COMMITTED", c: "utf8mb4", f: 1n, z: "+00:00" });
    const otherAdmin = await connectAdmin(other.url);
    expect(await otherAdmin.query("SELECT @@max_connections n")).to.deep.include({ n: 77n });
    await otherAdmin.end();
    expect(await rejection(connectAdmin(one.url.replace(/\/\/.*@/, "//root@")))).to.match(/Access denied/);
  });

  it("the owner of a MariaDB schema has rights on it alone, and its service user what the owner grants", async () => {
    const server = await startForTest(startMariadb(options("one", 0)));
    const accounts = ["qc_pay", "qcxpay"].map(name => ({
      schema: name,
      owner: `${name}_owner`,
      user: name,
      password: "it's",
    }));
    await createSchemas(server.url, accounts);
    await createSchemas(server.url, accounts);
    const connect = (user: string) => connectAdmin(server.url.replace(/\/\/.*@/, `//${user}:it's@`));
    const owner = await connect("qc_pay_owner");
    const user = await connect("qc_pay");
    await owner.query("CREATE TABLE qc_pay.t (a INT)");
    expect(await rejection(owner.query("CREATE TABLE qcxpay.t (a INT)"))).to.match(/denied/);
    expect(await rejection(user.query("SELECT * FROM qc_pay.t"))).to.match(/denied/);
    await owner.query("GRANT SELECT ON qc_pay.t TO 'qc_pay'@'%'");
    expect(await user.query("SELECT a FROM qc_pay.t")).to.have.length(0);
    expect(await rejection(user.query("INSERT INTO qc_pay.t VALUES (1)"))).to.match(/denied/);
    await Promise.all([owner.end(), user.end()]);
  });

  it("MariaDB has its data after SIGKILL and a new start", async () => {
    const server = await startForTest(startMariadb(options("one", 0)));
    const before = await connectAdmin(server.url);
    before.on("error", () => {});
    await before.query("CREATE OR REPLACE TABLE mysql.stored (a INT) ENGINE=InnoDB");
    await before.query("INSERT INTO mysql.stored VALUES (42)");
    const firstPid = server.process?.pid;
    await server.process?.kill("SIGKILL");
    before.destroy();
    expect(server.process?.pid).to.equal(undefined);
    await server.process?.start();
    expect(server.process?.pid).not.to.equal(firstPid);
    const after = await connectAdmin(server.url);
    expect(await after.query("SELECT a FROM mysql.stored")).to.deep.include({ a: 42 });
    await after.end();
  });

  it("Redis needs a password and has its data after a stop and a start", async () => {
    const server = await startForTest(startRedis(options("one", 2)));
    const client = new Redis(server.url);
    await client.set("stored", "yes");
    await client.quit();
    await server.stop();
    await server.process?.start();
    const again = new Redis(server.url);
    expect(await again.get("stored")).to.equal("yes");
    await again.quit();
    const anonymous = new Redis(server.url.replace(/\/\/.*@/, "//"), { maxRetriesPerRequest: 0 });
    anonymous.on("error", () => {});
    expect(await rejection(anonymous.get("kept"))).to.match(/NOAUTH/);
    anonymous.disconnect();
  });

  it("Redis starts where only the package of its tools is installed, which has no system service", async () => {
    const own = options("tools", 7);
    const bin = join(own.dir, "bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(findBinary(["redis-server", "redis-check-rdb"]) ?? "", join(bin, "redis-check-rdb"));
    const server = await startForTest(startRedis({ ...own, env: { PATH: bin } }));
    const client = new Redis(server.url);
    expect(await client.ping()).to.equal("PONG");
    await client.quit();
  });

  it("Debian packages are named before they are installed, and nothing but apt-get is run", async () => {
    const bin = join(run.dir, "debian");
    mkdirSync(bin);
    const record = join(bin, "record");
    for (const command of ["apt-get", "systemctl", "service", "invoke-rc.d", "update-rc.d"]) {
      const script = `#!/bin/sh\necho "${command} $*" >>"${record}"\n`;
      writeFileSync(join(bin, command), script, { mode: 0o755 });
    }
    const lines: string[] = [];
    const say = (line: string) => lines.push(`${line}${existsSync(record) ? " too late" : ""}`);
    const isRoot = process.getuid?.() === 0;
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    expect(await installDebianPackages(["redis-tools"], say, env)).to.equal(isRoot);
    const said =
      "Installing the Debian packages redis-tools, as root; no system service is started or changed";
    expect(lines).to.deep.equal(isRoot ? [said] : []);
    const ran = isRoot ? readFileSync(record, "utf8").trim().split("\n") : [];
    expect(ran.filter(line => !/^apt-get .*install .* redis-tools$/.test(line))).to.deep.equal([]);
    expect(ran).to.have.length(isRoot ? 1 : 0);
  });

  it("MongoDB has its data after a stop and a start", async () => {
    const server = await startForTest(startMongo(options("one", 4)));
    const before = new mongo.MongoClient(server.url);
    await before.db("test").collection("stored").insertOne({ name: "yes" });
    await before.close();
    await server.stop();
    await server.process?.start();
    const after = new mongo.MongoClient(server.url);
    expect(await after.db("test").collection("stored").findOne({ name: "yes" })).to.include({ name: "yes" });
    await after.close();
  });

  it("SNS, SQS and S3 have their data after a stop and a start", async () => {
    const server = await startForTest(startAws(options("one", 5)));
    const { sns, sqs, s3 } = clients(server);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "published" }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "received" }));
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: "sqs",
        Endpoint: `arn:aws:sqs:${server.region}:000000000000:received`,
        Attributes: { RawMessageDelivery: "true" },
      }),
    );
    await sns.send(new PublishCommand({ TopicArn, Message: "안녕" }));
    await s3.send(new CreateBucketCommand({ Bucket: "files" }));
    await s3.send(new PutObjectCommand({ Bucket: "files", Key: "a/문제.pdf", Body: "%PDF" }));
    await server.stop();
    await server.process?.start();
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    expect(Messages?.[0]?.Body).to.equal("안녕");
    const file = await s3.send(new GetObjectCommand({ Bucket: "files", Key: "a/문제.pdf" }));
    expect(await file.Body?.transformToString()).to.equal("%PDF");
  });

  it("servers that the environment names are used instead of local ones", async () => {
    const env = {
      MARIADB_URL: "mariadb://me@db:3306",
      REDIS_URL: "redis://cache:6379",
      MONGODB_URI: "mongodb://docs:27017",
      AWS_ENDPOINT_URL: "http://aws:4566",
    };
    const external = { ...options("external", 6), env };
    expect((await startMariadb(external)).url).to.equal(env.MARIADB_URL);
    expect((await startRedis(external)).url).to.equal(env.REDIS_URL);
    expect((await startMongo(external)).url).to.equal(env.MONGODB_URI);
    expect((await startAws(external)).endpoint).to.equal(env.AWS_ENDPOINT_URL);
    expect(existsSync(external.dir)).to.equal(false);
  });
});

function withoutServers(): NodeJS.ProcessEnv {
  const { MARIADB_URL, REDIS_URL, MONGODB_URI, AWS_ENDPOINT_URL, ...env } = process.env;
  return env;
}

function clients({ endpoint, region, credentials }: AwsServer) {
  const config = { endpoint, region, ...(credentials ? { credentials } : {}) };
  return {
    sns: new SNSClient(config),
    sqs: new SQSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "it did not fail",
    (error: Error) => error.message,
  );
}
