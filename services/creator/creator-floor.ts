import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Floor } from "#kit/floor.ts";
import type { Neighbour } from "#kit/neighbour.ts";

/** What the handlers of this service stand on. */
export interface CreatorFloor extends Floor {
  readonly catalog: Neighbour<typeof CatalogService>;
}
