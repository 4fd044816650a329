import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { Redis } from "ioredis";
import { mongo } from "mongoose";
import { type AwsServer, startAws } from "../dev/servers/aws.ts";
import { claimTemporaryDirectory, type RunDirectory } from "../dev/servers/directory.ts";
import { startMariadb } from "../dev/servers/mariadb.ts";
import { connectAdmin, createSchemas } from "../dev/servers/mariadb-schemas.ts";
import { startMongo } from "../dev/servers/mongo.ts";
import { type PortBlock, reservePorts } from "../dev/servers/ports.ts";
import { startRedis } from "../dev/servers/redis.ts";

const root = resolve(import.meta.dirname, "..");
const log = () => {};

describe("backing servers", function () {
  this.timeout(120_000);
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

  async function keep<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const server = await starting;
    running.push(server);
    return server;
  }

  it("starts two MariaDB instances at once, each with its settings and accounts", async () => {
    const [one, other] = await Promise.all([
      keep(startMariadb(options("one", 0))),
      keep(startMariadb({ ...options("other", 1), settings: { max_connections: "77" } })),
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

  it("gives each MariaDB user its own schema only", async () => {
    const server = await keep(startMariadb(options("one", 0)));
    const accounts = ["qc_pay", "qcxpay"].map(name => ({ schema: name, user: name, password: "it's" }));
    await createSchemas(server.url, accounts);
    await createSchemas(server.url, accounts);
    const user = await connectAdmin(server.url.replace(/\/\/.*@/, "//qc_pay:it's@"));
    await user.query("CREATE TABLE qc_pay.t (a INT)");
    expect(await rejection(user.query("CREATE TABLE qcxpay.t (a INT)"))).to.match(/denied/);
    await user.end();
  });

  it("keeps MariaDB's data through SIGKILL and a new start", async () => {
    const server = await keep(startMariadb(options("one", 0)));
    const before = await connectAdmin(server.url);
    before.on("error", () => {});
    await before.query("CREATE OR REPLACE TABLE mysql.kept (a INT) ENGINE=InnoDB");
    await before.query("INSERT INTO mysql.kept VALUES (42)");
    const firstPid = server.process?.pid;
    await server.process?.kill("SIGKILL");
    before.destroy();
    expect(server.process?.pid).to.equal(undefined);
    await server.process?.start();
    expect(server.process?.pid).not.to.equal(firstPid);
    const after = await connectAdmin(server.url);
    expect(await after.query("SELECT a FROM mysql.kept")).to.deep.include({ a: 42 });
    await after.end();
  });

  it("starts Redis with a password and keeps its data through stop and start", async () => {
    const server = await keep(startRedis(options("one", 2)));
    const client = new Redis(server.url);
    await client.set("kept", "yes");
    await client.quit();
    await server.stop();
    await server.process?.start();
    const again = new Redis(server.url);
    expect(await again.get("kept")).to.equal("yes");
    await again.quit();
    const stranger = new Redis(server.url.replace(/\/\/.*@/, "//"), { maxRetriesPerRequest: 0 });
    stranger.on("error", () => {});
    expect(await rejection(stranger.get("kept"))).to.match(/NOAUTH/);
    stranger.disconnect();
  });

  it("starts MongoDB and keeps its data through stop and start", async () => {
    const server = await keep(startMongo(options("one", 4)));
    const before = new mongo.MongoClient(server.url);
    await before.db("test").collection("kept").insertOne({ name: "yes" });
    await before.close();
    await server.stop();
    await server.process?.start();
    const after = new mongo.MongoClient(server.url);
    expect(await after.db("test").collection("kept").findOne({ name: "yes" })).to.include({ name: "yes" });
    await after.close();
  });

  it("starts SNS, SQS and S3 and keeps their data through stop and start", async () => {
    const server = await keep(startAws(options("one", 5)));
    const { sns, sqs, s3 } = clients(server);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "announced" }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "heard" }));
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: "sqs",
        Endpoint: `arn:aws:sqs:${server.region}:000000000000:heard`,
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

  it("uses the server that the environment names", async () => {
    const env = {
      MARIADB_URL: "mariadb://me@db:3306",
      REDIS_URL: "redis://cache:6379",
      MONGODB_URI: "mongodb://docs:27017",
      AWS_ENDPOINT_URL: "http://aws:4566",
    };
    const own = { ...options("own", 6), env };
    expect((await startMariadb(own)).url).to.equal(env.MARIADB_URL);
    expect((await startRedis(own)).url).to.equal(env.REDIS_URL);
    expect((await startMongo(own)).url).to.equal(env.MONGODB_URI);
    expect((await startAws(own)).endpoint).to.equal(env.AWS_ENDPOINT_URL);
    expect(existsSync(own.dir)).to.equal(false);
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
