import { serverErrors } from "#kit/process/rpc-status.ts";

/** How often something happens a second, by labels. Grafana replaces the interval. */
export function rateBy(labels: string, selector: string): string {
  return `sum by (${labels}) (rate(${selector}[$__rate_interval]))`;
}

/** Calls that failed by the server's fault; a line at zero where there is none. */
export function errorsByStatus(metric: string, selector: string) {
  const failed = `${metric}{${selector},rpc_status_code=~"${[...serverErrors].join("|")}"}`;
  return { expr: `${rateBy("rpc_status_code", failed)} or vector(0)`, legend: "{{rpc_status_code}}" };
}

/** Median, 90th and 99th percentile of a histogram. */
export function quantiles(histogram: string, selector = "") {
  const series = rateBy("le", `${histogram}_bucket{${selector}}`);
  return [0.5, 0.9, 0.99].map(share => ({
    expr: `histogram_quantile(${share}, ${series})`,
    legend: `p${share * 100}`,
  }));
}
