/** A rule that stores the result of an expression under a name of its own. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** `page` wakes somebody, `ticket` waits for the morning. */
type Severity = "page" | "ticket";

/** A rule that fires while its expression has a result. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it must hold before it fires. */
  readonly for: string;
  readonly labels: { readonly severity: Severity; readonly service_name?: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

/** Rules that are evaluated together, one after the other. */
export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

interface AlertFacts {
  readonly severity: Severity;
  readonly for: string;
  readonly expr: string;
  /** Where an expression is about one service alone. */
  readonly service?: string;
  /** One line; may use the templates of Prometheus. */
  readonly summary: string;
}

/** Declares an alert; its page in docs/runbooks/ follows from its name. */
export function alert(name: string, { severity, service, expr, summary, ...rest }: AlertFacts): AlertingRule {
  return {
    alert: name,
    expr,
    for: rest.for,
    labels: { severity, ...(service !== undefined && { service_name: service }) },
    annotations: { summary, runbook_url: `docs/runbooks/${runbookOf(name)}` },
  };
}

/** The file of an alert's page: `OutboxStalled` is explained in `outbox-stalled.md`. */
function runbookOf(name: string): string {
  return `${name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}.md`;
}
