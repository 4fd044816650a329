import type { FeedService } from "#gen/questioncloud/subscribe/v1/feed_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCreators } from "../creators.ts";
import { readFeed } from "../read-feed.ts";
import { toFeedQuestion } from "../to-proto.ts";

export function listFeed(app: Dependencies): Handler<typeof FeedService.method.listFeed> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { rows, nextPageToken } = await app.pageTokens.readPage(["feed", userId], request, page =>
      readFeed(app.database, userId, page),
    );
    const ids = rows.map(({ creatorId }) => creatorId);
    const creators = await findCreators(app, ids, context);
    return { questions: rows.map(row => toFeedQuestion(row, creators.get(row.creatorId))), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "creatorDirectory">;
