import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  deployCommand,
  observeCommand,
  probeCommand,
  rollCommand,
  rotateCommand,
  storesCommand,
  verifyCommand,
} from "#k8s/cluster/commands.ts";
import { nodeFolders } from "#k8s/node/folders.ts";

describe("a command for a cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "commands-"));
  const kubeconfig = `--kubeconfig=${join(folder, "kubeconfig")}`;
  before(() => writeFileSync(join(folder, "kubeconfig"), ""));
  after(() => rmSync(folder, { recursive: true }));

  const folders = nodeFolders({ XDG_CACHE_HOME: folder });
  const commands = {
    deploy: (args: readonly string[]) => deployCommand(args, folders, {}),
    probe: (args: readonly string[]) => probeCommand(args, folders),
    observe: (args: readonly string[]) => observeCommand(args, folders),
    roll: (args: readonly string[]) => rollCommand(args, folders),
    rotate: (args: readonly string[]) => rotateCommand(args, folders),
    verify: (args: readonly string[]) => verifyCommand(args, folders),
    stores: storesCommand,
  };
  const errorOf = (name: keyof typeof commands, args: readonly string[]) =>
    commands[name](args).then(
      () => "none",
      error => (error as Error).message,
    );

  it("refuses what belongs to another command", async () => {
    const all = ["--seconds=5", "--next", "--tls", "--only=redis", "--image=a", "--to=a", "--gateway=a:1"];
    const own: Readonly<Record<keyof typeof commands, readonly string[]>> = {
      deploy: ["--tls", "--image=a"],
      probe: [],
      observe: [],
      roll: ["--seconds=5", "--next", "--to=a"],
      rotate: ["--only=redis"],
      verify: [],
      stores: ["--gateway=a:1"],
    };
    for (const name of Object.keys(commands) as (keyof typeof commands)[]) {
      for (const option of all.filter(each => !own[name].includes(each))) {
        expect(await errorOf(name, [option]), `${name} ${option}`).to.match(/^Unknown option/);
      }
    }
  });

  it("says which options belong to a cluster of one's own, and what the node has instead", async () => {
    expect(await errorOf("roll", ["--to=a"])).to.equal(
      "--to goes with --kubeconfig: on the node, --next builds the next version",
    );
    expect(await errorOf("roll", [kubeconfig, "--next"])).to.equal(
      "--next builds an image for the node; with --kubeconfig, --to names one",
    );
    for (const [name, option] of [
      ["deploy", "image"],
      ["deploy", "envoy-image"],
      ["observe", "address"],
      ["rotate", "address"],
      ["probe", "stores"],
    ] as const) {
      const start = `--${option} goes with --kubeconfig: the node `;
      expect((await errorOf(name, [`--${option}=a`])).slice(0, start.length), name).to.equal(start);
    }
  });

  it("says what is missing, wrong or too much", async () => {
    expect(await errorOf("probe", ["--kubeconfig=/nowhere"])).to.equal("there is no file /nowhere");
    expect(await errorOf("deploy", [kubeconfig, "--image=a"])).to.equal("--address is missing");
    expect(await errorOf("deploy", [kubeconfig, "--address=a"])).to.equal("--image is missing");
    expect(await errorOf("observe", [kubeconfig])).to.equal("--address is missing");
    expect(await errorOf("rotate", [kubeconfig])).to.equal("--address is missing");
    expect(await errorOf("stores", ["--address=a"])).to.equal("--gateway is missing");
    expect(await errorOf("deploy", ["--gateway-api", "--tls"])).to.match(/^either --gateway-api or --tls/);
    expect(await errorOf("roll", ["--seconds=soon"])).to.equal("--seconds must be a whole number");
    expect(await errorOf("roll", ["--services=shop"])).to.match(/^no such service: shop; there are: /);
    expect(await errorOf("rotate", ["--only=keys"])).to.match(/^not to be rotated: keys; there are: /);
  });
});
