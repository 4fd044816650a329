import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseAllDocuments } from "yaml";
import { root } from "#dev/stack/root.ts";
import { addresses } from "#k8s/node/folders.ts";

const noUser = 65_534;

describe("the one-node cluster", () => {
  it("says everything that is missing before it starts anything", async () => {
    const isRoot = process.getuid?.() === 0;
    const [code, errors] = await new Promise<[unknown, string]>(resolve =>
      execFile(
        process.execPath,
        [join(root, "k8s/main.ts"), "node", "up"],
        {
          cwd: root,
          env: { PATH: "/nowhere", XDG_CACHE_HOME: "/nowhere" },
          ...(isRoot && { uid: noUser, gid: noUser }),
        },
        (error, _, text) => resolve([error?.code, text]),
      ),
    );
    expect(errors).to.match(/^a node cannot run here: it needs root.*Go .* is missing.*unshare is missing/);
    expect(code).to.equal(1);
  });

  it("has the address of its DNS in one place", () => {
    const objects = parseAllDocuments(readFileSync(join(root, "k8s/node/dns.yaml"), "utf8")).map(document =>
      document.toJS(),
    );
    expect(objects.find(({ kind }) => kind === "Service").spec.clusterIP).to.equal(addresses.dns);
  });
});
