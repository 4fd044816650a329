import type { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { setCacheHeaders } from "../cache-headers.ts";

export function listCategories({
  categoryTree,
}: Dependencies): Handler<typeof StoreService.method.listCategories> {
  return (_request, context) => {
    setCacheHeaders(context);
    return categoryTree.read();
  };
}

type Dependencies = Pick<App, "categoryTree">;
