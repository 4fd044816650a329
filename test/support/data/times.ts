import { DataTypes } from "sequelize";
import { createDatabase } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { insert } from "#kit/data/sql.ts";

/** A row of the table `times`. */
export interface Times {
  readonly zone: string;
  readonly byStatement: Date;
  readonly byModel: Date | null;
  readonly day: string;
}

/** An instant that is another day, and another hour, in most time zones. */
export const instant = new Date("2026-03-29T01:30:00.123Z");

const models = table<Times>("times", {
  zone: { type: DataTypes.STRING, primaryKey: true },
  byStatement: DataTypes.DATE(6),
  byModel: DataTypes.DATE(6),
  day: DataTypes.DATEONLY,
});

// Run as a process of its own: the zone of a process is fixed when it starts.
if (import.meta.main) {
  const [url = "", zone = ""] = process.argv.slice(2);
  const database = createDatabase({ url, poolSize: 1 });
  await insert(database, "times", { zone, byStatement: instant, day: "2026-03-29" });
  await models(database).update({ byModel: instant }, { zone });
  const found = await database.query<Times>(
    "SELECT * FROM times WHERE by_statement IN (?) AND by_statement >= ? ORDER BY zone",
    [[instant], instant],
  );
  const modeled = await models(database).list({ where: { byModel: instant }, order: ["zone"] });
  process.stdout.write(JSON.stringify({ offset: new Date(0).getTimezoneOffset(), found, modeled }));
  await database.close();
}
