import type { StoreService } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Handler } from "#kit/route.ts";
import { setCacheHeaders } from "../cache-headers.ts";
import type { QuestionFloor } from "../question-floor.ts";

export function listCategories({
  categoryTree,
}: Dependencies): Handler<typeof StoreService.method.listCategories> {
  return (_request, context) => {
    setCacheHeaders(context);
    return categoryTree.read();
  };
}

type Dependencies = Pick<QuestionFloor, "categoryTree">;
