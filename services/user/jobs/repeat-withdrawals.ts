import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { taskJob } from "#kit/data/task-job.ts";
import { finishTask } from "#kit/data/tasks.ts";
import type { Job } from "#kit/process/loop.ts";
import type { App } from "../app.ts";
import { findUser, withdrawalTask } from "../db/users.ts";

/**
 * Publishes a withdrawal once more when the last access token of the user has ended: until then the other services let
 * the user in, and what they stored after they erased everything is erased now.
 */
export function repeatWithdrawals(app: Dependencies): Job {
  const { database, outbox, config } = app;
  const options = { name: "repeat-withdrawals", kind: withdrawalTask, parallel: 1, ...config.withdrawal };
  return taskJob(app, options, task =>
    database.transaction(async tx => {
      const userId = BigInt(task.id);
      const { withdrawTime } = (await findUser(tx, userId)) ?? {};
      if (withdrawTime) {
        await outbox.append(tx, UserWithdrawnSchema, {
          userId,
          withdrawTime: timestampFromDate(withdrawTime),
        });
      }
      await finishTask(tx, task);
    }),
  );
}

type Dependencies = Pick<App, "database" | "outbox" | "config" | "instance" | "log">;
