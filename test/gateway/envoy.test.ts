import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { root } from "#dev/stack/root.ts";
import { claimTemporaryDirectory, type RunDirectory } from "#dev/stack/servers/directory.ts";
import { findEnvoy, startEnvoy } from "#dev/stack/servers/envoy.ts";
import { type PortBlock, reservePorts } from "#dev/stack/servers/ports.ts";

describe("Envoy of the local stack", () => {
  let bin: string;
  let run: RunDirectory;
  let block: PortBlock;

  before(async function () {
    const found = await findEnvoy({ cacheDir: join(root, ".cache"), log: console.log });
    if (!found) {
      return this.skip();
    }
    bin = found;
    run = await claimTemporaryDirectory(join(root, ".data"), "envoy-test");
    block = await reservePorts({ base: 29_200, count: 2 });
  });
  after(async () => {
    await block?.release();
    await run?.release();
  });

  async function start(name: string, config: string) {
    const dir = join(run.dir, name);
    mkdirSync(dir);
    const configFile = join(dir, "envoy.yaml");
    writeFileSync(configFile, config);
    return startEnvoy({ bin, configFile, dir, log: () => {} });
  }

  it("runs twice at once, answers and restarts", async () => {
    const [one, other] = await Promise.all(block.ports.map(port => start(String(port), answering(port))));
    for (const port of block.ports) {
      expect(await get(`http://127.0.0.1:${port}/`)).to.equal("here");
    }
    await one?.stop();
    await one?.process.start();
    expect(await get(`http://127.0.0.1:${block.ports[0]}/`)).to.equal("here");
    expect(await get(`${one?.adminUrl()}/ready`)).to.match(/LIVE/);
    await Promise.all([one?.stop(), other?.stop()]);
  });

  it("reports what is wrong with a configuration", async () => {
    const error = await start("broken", "static_resources: { listener: [] }").catch(
      (failure: Error) => failure,
    );
    expect(error)
      .to.be.instanceOf(Error)
      .with.property("message")
      .that.matches(/envoy\.yaml[\s\S]*listener/);
  });

  it("refuses an ENVOY_BIN that is not executable", async () => {
    const env = { ENVOY_BIN: join(root, "package.json") };
    const error = await findEnvoy({ cacheDir: run.dir, log: () => {}, env }).catch(
      (failure: Error) => failure,
    );
    expect(error).to.be.instanceOf(Error).with.property("message").that.includes("ENVOY_BIN");
  });
});

async function get(url: string): Promise<string> {
  return (await fetch(url)).text();
}

function answering(port: number): string {
  const types = "type.googleapis.com/envoy.extensions.filters";
  return `
static_resources:
  listeners:
  - address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": ${types}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: test
          http_filters:
          - { name: router, typed_config: { "@type": ${types}.http.router.v3.Router } }
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: here } } }
`;
}
