/** One query of a panel; `legend` is a template over the labels of its result. */
interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** A panel as a dashboard declares it. */
export interface Panel {
  readonly title: string;
  readonly unit: "short" | "s" | "percentunit" | "reqps" | "bytes";
  readonly queries: readonly Query[];
}

/** A dashboard as it is declared. */
export interface Dashboard {
  /** Unique, and the name of its file. */
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const panelWidth = 12;
const panelHeight = 8;
const panelsPerRow = 2;

/** Grafana's model of a dashboard. Its data source is a variable, so that no installation has to edit it. */
export function grafanaDashboard({ uid, title, panels }: Dashboard) {
  return {
    uid: `questioncloud-${uid}`,
    title: `QuestionCloud: ${title}`,
    tags: ["questioncloud"],
    schemaVersion: 39,
    editable: false,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    templating: {
      list: [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }],
    },
    panels: panels.map(grafanaPanel),
  };
}

function grafanaPanel({ title, unit, queries }: Panel, index: number) {
  const datasource = { type: "prometheus", uid: `$${"{datasource}"}` };
  return {
    id: index + 1,
    type: "timeseries",
    title,
    datasource,
    gridPos: {
      x: (index % panelsPerRow) * panelWidth,
      y: Math.trunc(index / panelsPerRow) * panelHeight,
      w: panelWidth,
      h: panelHeight,
    },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
    targets: queries.map(({ expr, legend }, position) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + position),
      datasource,
      expr,
      legendFormat: legend,
    })),
  };
}
