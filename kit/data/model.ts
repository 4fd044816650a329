import type {
  CreationAttributes,
  FindOptions,
  Model,
  ModelAttributes,
  ModelStatic,
  WhereOptions,
} from "sequelize";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { lostConnection, pastDeadline, withoutValues } from "#kit/data/database-errors.ts";

/** A table of plain rows, bound to a pool or a transaction: typed attributes in, plain objects out. */
interface Table<Row extends object> {
  find(options: FindOptions<Row>): Promise<Row | undefined>;
  list(options: FindOptions<Row>): Promise<Row[]>;
  /** Returns the AUTO_INCREMENT id, 0n without one. */
  insert(row: Partial<Row>): Promise<bigint>;
  /** Returns how many rows matched. */
  update(values: Partial<Row>, where: WhereOptions<Row>): Promise<number>;
  remove(where: WhereOptions<Row>): Promise<number>;
}

/**
 * Declares a table whose rows are plain and are read or written one at a time. Where money moves, where rows are
 * claimed or raced for, and where a list must be fast, use SQL instead. The result binds the table to a pool or a
 * transaction: `items(tx).find({ where: { itemId } })` cannot forget its transaction.
 */
export function table<Row extends object>(
  name: string,
  attributes: ModelAttributes<Model<Row>, Row>,
): (on: Queryable) => Table<Row> {
  return on => bind(defineOnce<Row>(on, name, attributes), "handle" in on ? (on as Tx) : undefined);
}

function defineOnce<Row extends object>(
  { sequelize }: Queryable,
  name: string,
  attributes: ModelAttributes<Model<Row>, Row>,
): ModelStatic<Model<Row>> {
  return sequelize.isDefined(name)
    ? (sequelize.model(name) as ModelStatic<Model<Row>>)
    : sequelize.define<Model<Row>>(name, attributes);
}

function bind<Row extends object>(model: ModelStatic<Model<Row>>, tx: Tx | undefined): Table<Row> {
  const scope = tx === undefined ? {} : { transaction: tx.handle };
  return {
    async find(options) {
      const [row] = await this.list({ ...options, limit: 1 });
      return row;
    },
    list: options => run(async () => (await model.findAll({ ...options, ...scope })) as unknown as Row[]),
    insert: row =>
      run(async () => {
        const created = await model.create(row as CreationAttributes<Model<Row>>, { ...scope, raw: true });
        const { [model.primaryKeyAttribute]: id } = created.get() as Record<string, unknown>;
        return typeof id === "bigint" || typeof id === "number" ? BigInt(id) : 0n;
      }),
    update: (values, where) => run(async () => (await model.update(values, { where, ...scope }))[0]),
    remove: where => run(() => model.destroy({ where, ...scope })),
  };
}

async function run<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw lostConnection(error) ?? pastDeadline(error) ?? withoutValues(error);
  }
}
