import type { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { allowCaching } from "#kit/rpc/interceptors/restrict-caching.ts";
import type { App } from "../app.ts";

export function listCategories({
  categoryTree,
}: Dependencies): Handler<typeof StoreService.method.listCategories> {
  return (_request, context) => {
    allowCaching(context);
    return categoryTree.read();
  };
}

type Dependencies = Pick<App, "categoryTree">;
