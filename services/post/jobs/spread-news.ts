import { finishTask, type Task } from "#kit/data/tasks.ts";
import type { Job } from "#kit/process/loop.ts";
import type { App } from "../app.ts";
import { finishNews, listSubscribers, lockNews, moveNews, newsTask } from "../db/news.ts";
import { notify } from "../notify.ts";
import { stepJob } from "./step-job.ts";

const parallel = 2;
// As many as one event may ask for mails to.
const subscribersAtOnce = 100;

/** Tells the subscribers of a creator of a new question, some at a time, so that any number of them is told. */
export function spreadNews(app: Dependencies): Job {
  const { pollMs, claimMs } = app.config.news;
  const options = { name: "spread-news", kind: newsTask, parallel, pollMs, claimMs };
  return stepJob(app, options, task => isFinishedAfterStep(app, task));
}

function isFinishedAfterStep(app: Dependencies, task: Task): Promise<boolean> {
  const questionId = BigInt(task.id);
  return app.database.transaction(async tx => {
    const news = await lockNews(tx, questionId);
    const isOpen = news?.newsState === "SPREADING" && news.onSale;
    const subscribers = isOpen
      ? await listSubscribers(tx, news.creatorId, news.newsUserId, subscribersAtOnce)
      : [];
    const last = subscribers.at(-1);
    if (last === undefined) {
      await finishNews(tx, questionId);
      await finishTask(tx, task);
      return true;
    }
    const told = subscribers.filter(({ subscribed }) => subscribed).map(({ userId }) => userId);
    const subject = { kind: "NEW_QUESTION", questionId, postId: null, commentId: null } as const;
    await notify(app, tx, subject, told);
    await moveNews(tx, questionId, last.userId);
    return false;
  });
}

type Dependencies = Pick<App, "database" | "instance" | "log" | "config" | "outbox">;
