import { createProgressLog } from "#dev/stack/progress.ts";
import { requireMariadb } from "#dev/stack/servers/mariadb.ts";
import { requireRedis } from "#dev/stack/servers/redis.ts";
import type { Environment } from "#kit/process/config.ts";
import { UsageError } from "#ops/command-line.ts";
import type { NodeFolders } from "./folders.ts";
import { execInside } from "./inside.ts";
import { nodePid, prepareNode, startNode, stopNode } from "./node.ts";

/** `npm run k8s -- node up|down|status|exec`. */
export async function nodeCommand(
  args: readonly string[],
  folders: NodeFolders,
  env: Environment,
): Promise<number> {
  const [action, ...rest] = args;
  if (action === "exec" && rest.length > 0) {
    return execInside(folders, rest);
  }
  if (rest.length > 0) {
    throw new UsageError(`not understood: ${rest[0]}`);
  }
  switch (action) {
    case "up":
      return up(folders, env);
    case "down":
      return down(folders);
    case "status":
      return status(folders);
    default:
      throw new UsageError(`not understood: node ${action ?? ""}`);
  }
}

async function up(folders: NodeFolders, env: Environment): Promise<number> {
  if (nodePid(folders) !== undefined) {
    process.stdout.write("The node is up.\n");
    return 0;
  }
  const progress = createProgressLog();
  await prepareNode(folders, progress.log);
  // For deploy: the node sees the programs of this machine as they are now, and has no way out to fetch others.
  await requireMariadb(progress.log, env);
  await requireRedis(progress.log, env);
  progress.log("starting the node");
  await startNode(folders, progress.log);
  progress.end();
  process.stdout.write("The node is up. npm run k8s -- deploy starts QuestionCloud on it.\n");
  return 0;
}

async function down(folders: NodeFolders): Promise<number> {
  const wasUp = nodePid(folders) !== undefined;
  await stopNode(folders);
  process.stdout.write(wasUp ? "The node is down. What was built is kept.\n" : "No node is up.\n");
  return 0;
}

/** Ends with 1 while the node is down. */
async function status(folders: NodeFolders): Promise<number> {
  if (nodePid(folders) === undefined) {
    process.stdout.write("The node is down.\n");
    return 1;
  }
  return execInside(folders, ["kubectl", "get", "nodes,pods", "--all-namespaces", "--output=wide"]);
}
