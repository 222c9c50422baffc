/** A unit of Grafana. */
export type Unit = 'short' | 's' | 'percentunit' | 'bytes' | 'reqps' | 'ops' | 'dateTimeFromNow';

/** A query and how its series are called. */
export interface Query {
  readonly expr: string;
  /** With labels in double braces. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it shows, and when it is worth a look. */
  readonly description: string;
  readonly unit: Unit;
  /** `stat` shows the last value, `timeseries` the course. */
  readonly type?: 'stat' | 'timeseries';
  readonly queries: readonly Query[];
  /** From this value on it is red. For `stat`. */
  readonly redFrom?: number;
}

export interface Dashboard {
  /** The name of its file and its id in Grafana. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

const COLUMNS = 24;
const HEIGHTS = { stat: 4, timeseries: 8 } as const;
const WIDTHS = { stat: 6, timeseries: 12 } as const;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The JSON of a dashboard, as Grafana imports it. */
export function dashboardJson({ uid, title, description, rows }: Dashboard): object {
  return {
    uid,
    title,
    description,
    tags: ['stampede'],
    timezone: 'browser',
    editable: true,
    graphTooltip: 1,
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: VARIABLES },
    annotations: { list: [] },
    links: [
      {
        type: 'dashboards',
        title: 'Stampede',
        tags: ['stampede'],
        icon: 'external link',
        tooltip: '',
        asDropdown: true,
        targetBlank: false,
        includeVars: true,
        keepTime: true,
      },
    ],
    panels: placed(rows),
  };
}

/** The source of data, the scrape job and its processes. */
const VARIABLES = [
  { type: 'datasource', name: 'datasource', label: 'Prometheus', query: 'prometheus', hide: 0, multi: false },
  variable('job', 'System', 'label_values(stampede_build_info, job)', false),
  variable('instance', 'Process', 'label_values(stampede_build_info{job="$job"}, instance)', true),
];

function variable(name: string, label: string, query: string, isMultiple: boolean): object {
  return {
    type: 'query',
    name,
    label,
    datasource: DATASOURCE,
    query,
    refresh: 2,
    sort: 1,
    hide: 0,
    multi: isMultiple,
    includeAll: isMultiple,
    ...(isMultiple ? { allValue: '.*', current: { text: ['All'], value: ['$__all'] } } : {}),
  };
}

/** Rows one below the other; panels of a row from left to right, as many as there is room for. */
function placed(rows: Dashboard['rows']): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: ofRow } of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { h: 1, w: COLUMNS, x: 0, y },
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of ofRow) {
      const type = panel.type ?? 'timeseries';
      const [w, h] = [WIDTHS[type], HEIGHTS[type]];
      if (x + w > COLUMNS) {
        x = 0;
        y += height;
        height = 0;
      }
      panels.push(panelJson(panels.length + 1, panel, type, { h, w, x, y }));
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return panels;
}

function panelJson(id: number, panel: Panel, type: keyof typeof HEIGHTS, gridPos: object): object {
  const { title, description, unit, queries, redFrom } = panel;
  return {
    id,
    type,
    title,
    description,
    gridPos,
    datasource: DATASOURCE,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
    })),
    fieldConfig: {
      defaults: {
        unit,
        ...(unit === 'dateTimeFromNow' ? {} : { min: 0 }),
        ...(type === 'stat'
          ? {
              thresholds: {
                mode: 'absolute',
                steps: [
                  { value: null, color: 'green' },
                  ...(redFrom === undefined ? [] : [{ value: redFrom, color: 'red' }]),
                ],
              },
            }
          : {}),
        ...(type === 'timeseries' ? { custom: { lineWidth: 1, fillOpacity: 10, showPoints: 'never' } } : {}),
      },
      overrides: [],
    },
    options: optionsOf(type),
  };
}

function optionsOf(type: keyof typeof HEIGHTS): object {
  if (type === 'timeseries') {
    return {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    };
  }
  return {
    reduceOptions: { calcs: ['lastNotNull'] },
    colorMode: 'value',
    graphMode: 'area',
    justifyMode: 'auto',
    textMode: 'auto',
    orientation: 'auto',
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: 'standard',
  };
}
