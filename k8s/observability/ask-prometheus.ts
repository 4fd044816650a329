import { dashboards } from "./dashboards.ts";

/** A query of a panel, and how many of its lines had a value. */
interface Answer {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
  /** Lines with a value, which NaN is not. */
  readonly lines: number;
}

interface Asked {
  /** Seconds before now that are asked about. */
  readonly seconds: number;
  /** What Grafana would put in place of `$__rate_interval`. */
  readonly rateInterval: string;
}

const steps = 60;

/** Runs every query of every panel of every dashboard. Throws where Prometheus refuses one. */
export async function askAllQueries(prometheusUrl: string, asked: Asked): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { uid, panels } of dashboards()) {
    for (const { title, queries } of panels) {
      for (const { expr } of queries) {
        const lines = await countLines(prometheusUrl, expr, asked);
        answers.push({ dashboard: uid, panel: title, expr, lines });
      }
    }
  }
  return answers;
}

interface Matrix {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly values: readonly (readonly [number, string])[] }[] };
}

async function countLines(
  prometheusUrl: string,
  expr: string,
  { seconds, rateInterval }: Asked,
): Promise<number> {
  const end = Date.now() / 1000;
  const query = new URLSearchParams({
    query: expr.replaceAll("$__rate_interval", rateInterval),
    start: String(end - seconds),
    end: String(end),
    step: String(Math.max(1, seconds / steps)),
  });
  const response = await fetch(`${prometheusUrl}/api/v1/query_range?${query}`);
  const { status, error, data } = (await response.json()) as Matrix;
  if (status !== "success" || data === undefined) {
    throw new Error(`${expr} is refused: ${error}`);
  }
  return data.result.filter(({ values }) => values.some(([, value]) => value !== "NaN")).length;
}
